// SPDX-License-Identifier: Apache-2.0
// What can be asked of one device, as plain data. Memory is an object: workloads name Regions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "core/error.h"

namespace rackproof {

enum class DType { i8, i32, fp16, bf16, fp32, fp64 };
[[nodiscard]] std::string_view name(
    DType type);  ///< "int8", "int32", "fp16", "bf16", "fp32", "fp64"
[[nodiscard]] Expected<DType> dtype_from_name(std::string_view name);
[[nodiscard]] std::uint32_t size_of(DType type);  ///< bytes

/// What a back end keeps for a Region; freed with its last Region.
class RegionMemory {
 public:
  virtual ~RegionMemory() = default;
};

/// A piece of a device's memory: a cheap, copyable handle.
struct Region {
  std::shared_ptr<RegionMemory> memory;  ///< null: no region
  std::uint64_t size_bytes = 0;          ///< a multiple of 64
  [[nodiscard]] std::uint64_t words() const { return size_bytes / 8; }
};

enum class Operands {
  exact,  ///< balanced odd integers whose sums stay exactly representable: one right answer in any
          ///< order
  error_free,  ///< one non-zero in each row of a, full mantissas: every element is one rounded
               ///< product
  random,      ///< full-mantissa random: most heat; checked by repeatability and sampled rows
};
[[nodiscard]] std::string_view name(Operands operands);
[[nodiscard]] Expected<Operands> operands_from_name(std::string_view name);

/// c[m,n] = a[m,k] * b[k,n], row-major; operands come from the burst's pattern.
struct Gemm {
  DType in = DType::fp32, acc = DType::fp32;
  std::int64_t m = 0, n = 0, k = 0;
  Operands operands = Operands::exact;
};

/// Writes the burst's pattern: word i becomes pattern_word(pattern, i).
struct Fill {
  Region to;
};

/// One March operation: every word is read and compared with `word`, or written with it.
struct MarchOp {
  enum class Kind { read, write } kind = Kind::read;
  std::uint64_t word = 0;
};

/// One March operation over a whole region, or over the half of it whose word address has the
/// burst's address bit equal to the burst's half.
struct Sweep {
  Region on;
  MarchOp op;
};

/// Copies a seeded pattern and checks it at the far end, every word.
struct Copy {
  Region from, to;
};

/// STREAM triad over fp64 arrays of equal size: passes alternate a = b + s*c and b = a - s*c, so
/// that each array that was written is checked, every element, when the next pass reads it. b_i and
/// c_i are integers of 20 bits from the burst's pattern, s = 3: all arithmetic is exact.
struct Triad {
  Region a, b, c;
  DType type = DType::fp64;
};

using Workload = std::variant<Gemm, Fill, Sweep, Copy, Triad>;

/// These two need a Group of devices.
struct PeerCopy {
  Region from, to;
};
enum class Collective { all_reduce, all_gather, reduce_scatter, all_to_all };
struct Reduce {
  DType type = DType::fp32;
  Collective kind = Collective::all_reduce;
  std::uint64_t size_bytes = 0;
};

/// One line without pointers that says which work this is, as records and goldens name it:
/// "gemm int8 int32 512 512 512 exact", "fill 4096", "sweep 4096 read 5555555555555555", "copy
/// 4096", "triad fp64 4096" (bytes of one region).
[[nodiscard]] std::string describe(const Workload& workload);

}  // namespace rackproof
