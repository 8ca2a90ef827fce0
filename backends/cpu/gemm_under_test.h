// SPDX-License-Identifier: Apache-2.0
// For tests of products: every type and every kind of operands that the CPU has.
#pragma once

#include <array>

#include "backends/cpu/device_under_test.h"

namespace rackproof::cpu {

struct Types {
  DType in, acc;
};
inline constexpr Types kI8{DType::i8, DType::i32}, kF32{DType::fp32, DType::fp32},
    kF64{DType::fp64, DType::fp64};
inline constexpr std::array<Types, 9> kAllTypes{
    kI8,
    kF32,
    kF64,
    {DType::fp16, DType::fp32},
    {DType::bf16, DType::fp32},
    {DType::tf32, DType::fp32},
    {DType::fp8_e4m3, DType::fp32},
    {DType::fp8_e5m2, DType::fp32},
    {DType::fp4_e2m1, DType::fp32},
};
inline constexpr std::array<Operands, 3> kAllOperands{Operands::exact, Operands::error_free,
                                                      Operands::random};

inline bool exists(const Types& types, Operands operands) {
  return types.in != DType::i8 || operands == Operands::exact;
}

inline Gemm gemm_of(const Types& types, std::int64_t m, std::int64_t n, std::int64_t k,
                    Operands operands) {
  return {types.in, types.acc, m, n, k, operands};
}

}  // namespace rackproof::cpu
