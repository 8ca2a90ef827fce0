# What backends/cuda needs: nvcc compiles the programs of backends/kernels to fatbins, which are
# embedded in the object library. Neither a driver nor a CUDA runtime is linked: both are opened at
# run time.
find_program(RACKPROOF_NVCC nvcc PATHS /usr/local/cuda/bin)
set(cuda_by_default OFF)
if(RACKPROOF_NVCC)
  get_filename_component(cuda_root ${RACKPROOF_NVCC} REALPATH)
  get_filename_component(cuda_root ${cuda_root} DIRECTORY)
  find_path(RACKPROOF_CUDA_INCLUDE cuda.h PATHS ${cuda_root}/../include ${cuda_root}/../targets/x86_64-linux/include)
  find_path(RACKPROOF_CUBLASLT_INCLUDE cublasLt.h PATHS ${RACKPROOF_CUDA_INCLUDE})
  if(RACKPROOF_CUDA_INCLUDE AND RACKPROOF_CUBLASLT_INCLUDE)
    set(cuda_by_default ON)
  endif()
endif()
option(RACKPROOF_CUDA "Build the CUDA back end (needs nvcc, cuda.h and cublasLt.h; the libraries are looked for at run time)" ${cuda_by_default})
set(RACKPROOF_CUDA_ARCHITECTURES "80;90;100" CACHE STRING "GPU architectures to compile for; the last one as PTX too")

# One program: ${name} in the table, ${file} of backends, and the compiler's options.
function(rackproof_cuda_program name file)
  list(GET RACKPROOF_CUDA_ARCHITECTURES -1 last)
  set(codes "")
  foreach(architecture ${RACKPROOF_CUDA_ARCHITECTURES})
    list(APPEND codes -gencode arch=compute_${architecture},code=sm_${architecture})
  endforeach()
  list(APPEND codes -gencode arch=compute_${last},code=compute_${last})
  set(fatbin ${PROJECT_BINARY_DIR}/cuda/${name}.fatbin)
  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/backends/kernels/*.cl ${PROJECT_SOURCE_DIR}/backends/cuda/kernels/*)
  add_custom_command(OUTPUT ${fatbin}
    COMMAND ${RACKPROOF_NVCC} -std=c++17 -O3 -fatbin ${codes} -I${PROJECT_SOURCE_DIR} -Xcudafe --display_error_number -Werror all-warnings
            -DGROUP=128 -DSTRIDE=20UL "-DRACKPROOF_PROGRAM=\"${file}\"" ${ARGN} -o ${fatbin} ${PROJECT_SOURCE_DIR}/backends/cuda/kernels/program.cu
    DEPENDS ${headers} COMMENT "CUDA program ${name}" VERBATIM)
  set_property(GLOBAL APPEND PROPERTY RACKPROOF_CUDA_PROGRAMS ${name})
  set_property(GLOBAL APPEND PROPERTY RACKPROOF_CUDA_FATBINS ${fatbin})
endfunction()

# The table of all of them as one source file of backends/cuda.
function(rackproof_cuda_table)
  get_property(names GLOBAL PROPERTY RACKPROOF_CUDA_PROGRAMS)
  get_property(fatbins GLOBAL PROPERTY RACKPROOF_CUDA_FATBINS)
  set(images "")
  set(declared "")
  set(rows "")
  foreach(name ${names})
    string(APPEND images "asm(\".section .rodata\\n.balign 64\\nrackproof_cuda_${name}: .incbin \\\"${PROJECT_BINARY_DIR}/cuda/${name}.fatbin\\\"\\nrackproof_cuda_${name}_end:\\n.byte 0\\n.previous\\n.globl rackproof_cuda_${name}, rackproof_cuda_${name}_end\");\n")
    string(APPEND declared "extern \"C\" const char rackproof_cuda_${name}[], rackproof_cuda_${name}_end[];\n")
    string(APPEND rows "      {\"${name}\", {rackproof_cuda_${name}, static_cast<std::size_t>(rackproof_cuda_${name}_end - rackproof_cuda_${name})}},\n")
  endforeach()
  set(table ${PROJECT_BINARY_DIR}/generated/cuda_programs.cc)
  file(GENERATE OUTPUT ${table} CONTENT "// Made by cmake/Cuda.cmake.\n#include \"backends/cuda/programs.h\"\n${images}${declared}namespace rackproof::cuda {\nconst std::vector<Program>& programs() {\n  static const std::vector<Program> all{\n${rows}  };\n  return all;\n}\n}  // namespace rackproof::cuda\n")
  target_sources(rackproof_backend_cuda PRIVATE ${table})
  set_source_files_properties(${table} TARGET_DIRECTORY rackproof_backend_cuda PROPERTIES OBJECT_DEPENDS "${fatbins}")
endfunction()
