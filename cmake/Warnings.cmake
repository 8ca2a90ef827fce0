# Warnings and sanitizers that every target of ours is compiled with; presets add -Werror.
set(RACKPROOF_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, for example address,undefined")
if(RACKPROOF_SANITIZE)
  add_compile_options(-fsanitize=${RACKPROOF_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RACKPROOF_SANITIZE})
endif()

option(RACKPROOF_FUZZ "Build the libFuzzer programs (needs clang++)" OFF)
if(RACKPROOF_FUZZ)
  add_custom_target(fuzzers)
endif()

add_library(rackproof_warnings INTERFACE)
target_compile_options(rackproof_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align
  -Wno-missing-field-initializers)   # designated initialisers leave the rest at their defaults on purpose
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees overlaps in std::string that are not there (GCC bug 105651)
  target_compile_options(rackproof_warnings INTERFACE -Wno-restrict)
  if(RACKPROOF_SANITIZE)
    target_compile_options(rackproof_warnings INTERFACE -Wno-maybe-uninitialized)  # with ASan it sees it in std::regex
  endif()
endif()
