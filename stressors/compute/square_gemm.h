// SPDX-License-Identifier: Apache-2.0
// The products of square results that compute and power stressors ask for.
#pragma once

#include <cstdint>

#include "core/stressor.h"
#include "core/workload.h"

namespace rackproof {

/// The type in which sums of `in` are exact or at least wide enough: int32, fp64, else fp32.
constexpr DType accumulator(DType in) {
  if (in == DType::i8 || in == DType::i32) return DType::i32;
  return in == DType::fp64 ? DType::fp64 : DType::fp32;
}

/// What stressors call the k of their products.
inline constexpr Param kDepth{
    .name = "depth",
    .min = 16,
    .max = 1 << 20,
    .help = "products that each element sums up; the deeper, the less of the time goes to checking",
    .like = "size"};

/// c[size,size] = a[size,depth] * b[depth,size] of `in`; depth 0: size.
constexpr Gemm square_gemm(DType in, std::int64_t size, Operands operands, std::int64_t depth = 0) {
  return {in, accumulator(in), size, size, depth == 0 ? size : depth, operands};
}

}  // namespace rackproof
