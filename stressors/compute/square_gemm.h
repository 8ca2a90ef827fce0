// SPDX-License-Identifier: Apache-2.0
// The square products that compute and power stressors ask for.
#pragma once

#include <cstdint>

#include "core/workload.h"

namespace rackproof {

/// The type in which sums of `in` are exact or at least wide enough: int32, fp64, else fp32.
constexpr DType accumulator(DType in) {
  if (in == DType::i8 || in == DType::i32) return DType::i32;
  return in == DType::fp64 ? DType::fp64 : DType::fp32;
}

/// c[size,size] = a[size,size] * b[size,size] of `in`.
constexpr Gemm square_gemm(DType in, std::int64_t size, Operands operands) {
  return {in, accumulator(in), size, size, size, operands};
}

}  // namespace rackproof
