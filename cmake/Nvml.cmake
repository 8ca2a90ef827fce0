# NVML for what reads NVIDIA GPUs: only its header; the driver's library is looked for at run time.
# rackproof_nvml is linked by what includes it, hardware_without is what hardware/ is built without.
find_path(RACKPROOF_NVML_INCLUDE nvml.h
  PATHS /usr/local/cuda/include ${PROJECT_SOURCE_DIR}/build/nvml/include)  # the latter by scripts/nvml-header
if(RACKPROOF_NVML_INCLUDE)
  set(nvml_by_default ON)
else()
  set(nvml_by_default OFF)
endif()
option(RACKPROOF_NVML "Build the sensors of NVIDIA GPUs (needs nvml.h; the driver's library is looked for at run time)" ${nvml_by_default})
if(RACKPROOF_NVML AND NOT RACKPROOF_NVML_INCLUDE)
  message(FATAL_ERROR "RACKPROOF_NVML needs nvml.h; scripts/nvml-header brings it, or set RACKPROOF_NVML_INCLUDE to its folder")
endif()
add_library(rackproof_nvml INTERFACE)
if(RACKPROOF_NVML)
  target_include_directories(rackproof_nvml SYSTEM INTERFACE ${RACKPROOF_NVML_INCLUDE})
  target_link_libraries(rackproof_nvml INTERFACE ${CMAKE_DL_LIBS})
  set(hardware_without hardware/nvml_missing)
else()
  set(hardware_without hardware/nvml/)
  set(runner_without runner/environment_nvml_test)
endif()

# The driver's library for tests: libnvidia-ml.so.1 in a folder of its own, which says what a text file tells it to.
if(RACKPROOF_NVML AND (BUILD_TESTING OR NOT DEFINED BUILD_TESTING))
  file(GLOB fake_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/hardware/nvml/fake/*.cpp)
  add_library(rackproof_fake_nvml MODULE ${fake_sources})
  target_include_directories(rackproof_fake_nvml PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(rackproof_fake_nvml PRIVATE NVML_NO_UNVERSIONED_FUNC_DEFS)
  target_link_libraries(rackproof_fake_nvml PRIVATE rackproof_warnings rackproof_nvml)
  set_target_properties(rackproof_fake_nvml PROPERTIES PREFIX "" OUTPUT_NAME libnvidia-ml SUFFIX .so.1
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fake_nvml)
endif()
