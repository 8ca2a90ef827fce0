// SPDX-License-Identifier: Apache-2.0
// The first of every program's files. The same kernels are compiled by OpenCL's compilers at run
// time and, as CUDA C++, by nvcc when this program is built: backends/cuda/kernels/dialect.cuh has
// these words there.

#ifdef cl_khr_fp64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif

#define KERNEL(items) __kernel __attribute__((reqd_work_group_size(items, 1, 1)))
#define FUNCTION
#define SHARED __local
#define pair_of(x, y) ((uint2)(x, y))

#ifdef NVIDIA
uint multiprocessor() {
  uint number;
  asm volatile("mov.u32 %0, %%smid;" : "=r"(number));
  return number;
}
#define CORE_HERE multiprocessor()
#endif
