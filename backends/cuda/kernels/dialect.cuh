// SPDX-License-Identifier: Apache-2.0
// The words of OpenCL C that the kernels of backends/kernels use, in CUDA C++: what nvcc compiles
// in place of their dialect.cl.
#pragma once

using uchar = unsigned char;
using ushort = unsigned short;
using uint = unsigned int;
using ulong = unsigned long;
static_assert(sizeof(ulong) == 8 && sizeof(void*) == 8);

#define KERNEL(items) extern "C" __global__ __launch_bounds__(items)
#define FUNCTION static __device__ __forceinline__
#define SHARED __shared__
#define __global
#define __local
#define restrict __restrict__
#define CLK_LOCAL_MEM_FENCE 0
#define pair_of(x, y) make_uint2(x, y)

// Set once the program is loaded: how many multiprocessors there are.
__constant__ uint rackproof_cores;
#define CORES rackproof_cores
#define CORE_HERE multiprocessor()
FUNCTION uint multiprocessor() {
  uint number;
  asm volatile("mov.u32 %0, %%smid;" : "=r"(number));
  return number;
}

FUNCTION uint get_local_id(uint) { return threadIdx.x; }
FUNCTION uint get_group_id(uint) { return blockIdx.x; }
FUNCTION uint get_num_groups(uint) { return gridDim.x; }
FUNCTION void barrier(int) { __syncthreads(); }

FUNCTION uint atomic_add(volatile uint* counter, uint amount) {
  return atomicAdd(const_cast<uint*>(counter), amount);
}
FUNCTION uint atomic_inc(volatile uint* counter) { return atomic_add(counter, 1); }

FUNCTION ulong rotate(ulong x, ulong left) { return x << (left & 63) | x >> (-left & 63); }
FUNCTION ulong mul_hi(ulong x, ulong y) { return __umul64hi(x, y); }

FUNCTION uint as_uint(float x) { return __float_as_uint(x); }
FUNCTION uint as_uint(int x) { return static_cast<uint>(x); }
FUNCTION int as_int(uint x) { return static_cast<int>(x); }
FUNCTION float as_float(uint x) { return __uint_as_float(x); }
FUNCTION ulong as_ulong(double x) { return static_cast<ulong>(__double_as_longlong(x)); }
FUNCTION double as_double(ulong x) { return __longlong_as_double(static_cast<long long>(x)); }

FUNCTION uint2 as_uint2(ulong x) {
  return make_uint2(static_cast<uint>(x), static_cast<uint>(x >> 32));
}
FUNCTION ulong as_ulong(uint2 x) { return static_cast<ulong>(x.y) << 32 | x.x; }
FUNCTION uint2 operator*(uint2 x, uint2 y) { return make_uint2(x.x * y.x, x.y * y.y); }

FUNCTION ushort4 as_ushort4(ulong x) {
  return make_ushort4(static_cast<ushort>(x), static_cast<ushort>(x >> 16),
                      static_cast<ushort>(x >> 32), static_cast<ushort>(x >> 48));
}
FUNCTION ulong as_ulong(ushort4 x) {
  return static_cast<ulong>(x.w) << 48 | static_cast<ulong>(x.z) << 32 |
         static_cast<ulong>(x.y) << 16 | x.x;
}
FUNCTION ushort low_product(uint x, uint y) { return static_cast<ushort>(x * y); }
FUNCTION ushort high_product(uint x, uint y) { return static_cast<ushort>(x * y >> 16); }
FUNCTION ushort4 operator*(ushort4 x, ushort4 y) {
  return make_ushort4(low_product(x.x, y.x), low_product(x.y, y.y), low_product(x.z, y.z),
                      low_product(x.w, y.w));
}
FUNCTION ushort4 mul_hi(ushort4 x, ushort4 y) {
  return make_ushort4(high_product(x.x, y.x), high_product(x.y, y.y), high_product(x.z, y.z),
                      high_product(x.w, y.w));
}

// sums[16 x 8] += a[16 x 16] * b[16 x 8] of bf16 numbers on the tensor cores, all lanes of a warp
// together. Source: PTX ISA, mma.m16n8k16.
#define MATRIX_UNITS
FUNCTION void multiply_on_units(float* sums, const uint* a, uint b_low, uint b_high) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, "
      "{%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b_low), "r"(b_high));
}
