# For scripts/package: a program that runs from any folder of any machine. It takes its libraries from
# lib/ beside bin/, before the system's, and knows no path of the machine it was built on. DT_RPATH and
# not DT_RUNPATH: the latter would not count for what a library itself needs, and come after LD_LIBRARY_PATH.
option(RACKPROOF_PORTABLE "Build for a folder that can be moved (scripts/package)" OFF)
if(RACKPROOF_PORTABLE)
  add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -ffile-prefix-map=${PROJECT_BINARY_DIR}=build)
  add_link_options(LINKER:--disable-new-dtags)
  set(CMAKE_INSTALL_RPATH $ORIGIN/../lib)
  set(CMAKE_INSTALL_LIBDIR lib)
endif()
