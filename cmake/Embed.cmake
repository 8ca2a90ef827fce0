# rackproof_embed(FOLDER NAME FILE): FILE's bytes become the string_view rackproof::embedded::NAME of
# FOLDER's library; declare it there as `namespace rackproof::embedded { extern const std::string_view NAME; }`.
# Run as a script (cmake -D FILE= -D NAME= -D TO= -P Embed.cmake) it writes the source file.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ ${FILE} hex HEX)
  string(LENGTH "${hex}" length)
  math(EXPR size "${length} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(REGEX REPLACE "(......,......,......,......,......,......,......,......,......,......,......,......,)" "\\1\n" bytes "${bytes}")
  file(WRITE ${TO} "// Made from ${NAME}'s file at build time.\n#include <string_view>\nnamespace rackproof::embedded {\nextern const std::string_view ${NAME};\nnamespace {\nconstexpr char kBytes[] = {\n${bytes}'\\0'};\n}\nconst std::string_view ${NAME}{kBytes, ${size}};\n}  // namespace rackproof::embedded\n")
  return()
endif()

set(RACKPROOF_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(rackproof_embed folder name file)
  rackproof_target_name(target ${folder})
  set(to ${PROJECT_BINARY_DIR}/generated/embedded/${name}.cc)
  add_custom_command(OUTPUT ${to} DEPENDS ${file} ${RACKPROOF_EMBED_SCRIPT}
    COMMAND ${CMAKE_COMMAND} -D FILE=${file} -D NAME=${name} -D TO=${to} -P ${RACKPROOF_EMBED_SCRIPT}
    COMMENT "Embedding ${name}" VERBATIM)
  target_sources(${target} PRIVATE ${to})
endfunction()
