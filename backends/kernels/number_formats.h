// SPDX-License-Identifier: Apache-2.0
// Raw bits of the types that lie in memory, and what they are worth in the accumulator's type: the
// host's side of gemm.cl.
#pragma once

#include <cstdint>

#include "core/workload.h"

namespace rackproof::kernels {

/// A number's layout: sign, exponent, mantissa from the top. Sources: IEEE 754; OCP 8-bit Floating
/// Point Specification (e4m3 has no infinity and one NaN of each sign); OCP
/// Microscaling Formats (e2m1 has neither; here with its blocks' scale of 1/4 in the bias).
struct Format {
  std::uint32_t mantissa = 0, exponent = 0, bias = 0;
  bool infinite = true;
  bool nan = true;
};
/// Of a floating type of at most 16 bits.
[[nodiscard]] Format narrow_format(DType type);
[[nodiscard]] bool is_narrow(DType type);

/// The operand's value as bits of the accumulator's type, zero-extended: fp32 for floating types up
/// to 32 bits, int32 for int8.
[[nodiscard]] std::uint64_t accumulator_bits(DType type, std::uint64_t raw);

}  // namespace rackproof::kernels
