# `cmake --install`: the program, its profiles and docs (component "program"), and the headers of core/ as an
# exported package, so that a stressor or a back end can be built outside this tree (find_package(rackproof)).
include(CMakePackageConfigHelpers)

install(TARGETS rackproof RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(DIRECTORY profiles/racks/ DESTINATION ${CMAKE_INSTALL_DATADIR}/rackproof/profiles COMPONENT program
  FILES_MATCHING PATTERN "*.yaml")
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(DIRECTORY docs/how-to docs/reference DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES docs/man/rackproof.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
install(FILES ${PROJECT_BINARY_DIR}/completions/rackproof.bash RENAME rackproof
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
install(FILES ${PROJECT_BINARY_DIR}/completions/rackproof.zsh RENAME _rackproof
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT program)
install(FILES ${PROJECT_BINARY_DIR}/completions/rackproof.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)

# The package: core as a static library (it registers nothing by itself) and its public headers.
add_library(rackproof_core_package STATIC $<TARGET_OBJECTS:rackproof_core>)
set_target_properties(rackproof_core_package PROPERTIES EXPORT_NAME core OUTPUT_NAME rackproof_core)
target_include_directories(rackproof_core_package INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/rackproof>)
target_compile_features(rackproof_core_package INTERFACE cxx_std_20)
target_link_libraries(rackproof_core_package INTERFACE OpenSSL::Crypto fmt::fmt nlohmann_json::nlohmann_json PkgConfig::hwy Threads::Threads)
install(TARGETS rackproof_core_package EXPORT rackproof ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY core DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/rackproof FILES_MATCHING PATTERN "*.h")
install(EXPORT rackproof NAMESPACE rackproof:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/rackproof FILE rackproofTargets.cmake)
configure_package_config_file(cmake/rackproofConfig.cmake.in ${PROJECT_BINARY_DIR}/rackproofConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/rackproof)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/rackproofConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/rackproofConfig.cmake ${PROJECT_BINARY_DIR}/rackproofConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/rackproof)
