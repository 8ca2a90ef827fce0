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

enum class DType { i8, i32, fp4_e2m1, fp8_e4m3, fp8_e5m2, fp16, bf16, tf32, fp32, fp64 };
/// "int8", "int32", "fp4_e2m1", "fp8_e4m3", "fp8_e5m2", "fp16", "bf16", "tf32", "fp32", "fp64".
[[nodiscard]] std::string_view name(DType type);
[[nodiscard]] Expected<DType> dtype_from_name(std::string_view name);
[[nodiscard]] std::uint32_t size_of(
    DType type);  ///< bytes; tf32 lies in memory as fp32 does, fp4 one to a byte

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

/// What every word of a region holds (core/oracle.h: content_word).
enum class Content {
  seeded,           ///< the burst's pattern: word i is pattern_word(pattern, i)
  address,          ///< its own byte offset, so that words that share a cell show
  inverse_address,  ///< the complement of that
};
[[nodiscard]] std::string_view name(Content content);
[[nodiscard]] Expected<Content> content_from_name(std::string_view name);

/// Writes the content into every word.
struct Fill {
  Region to;
  Content what = Content::seeded;
};

/// Reads every word and compares it with what Fill wrote.
struct Check {
  Region on;
  Content what = Content::seeded;
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

/// One operation on every 20th word, from word `phase` on, or on all the others, with
/// stripe_word(pattern, phase, inverted): a read compares, a write writes. Neighbours of the words
/// that are read later are hit in between, whatever the order of the accesses and the caches do.
/// Source of the distance: memtest86's "modulo 20" test.
struct Stripe {
  Region on;
  MarchOp::Kind kind = MarchOp::Kind::read;
  std::uint64_t phase = 0;  ///< below kStripe
  bool others = false;
  bool inverted = false;
};
inline constexpr std::uint64_t kStripe = 20;

/// Copies a seeded pattern and checks it at the far end, every word. Regions of two devices of one
/// back end make it a peer copy: the device that `to` belongs to prepares and runs it.
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

/// A kind of instruction that Mix drives.
enum class MixKernel {
  fma_fp32,
  fma_fp64,
  multiply,  ///< of integers
  permute,   ///< of bytes in a vector
  aes,
  sha256,
  crc32c,
  compress,  ///< and back
  copy,      ///< of bytes in memory
  matrix,    ///< products of bf16 matrices, summed in fp32
};
inline constexpr int kMixKernels = static_cast<int>(MixKernel::matrix) + 1;
[[nodiscard]] std::string_view name(MixKernel kernel);
[[nodiscard]] Expected<MixKernel> mix_kernel_from_name(std::string_view name);

/// Every core by itself computes the same `words` result words from the burst's pattern with one
/// kind of instruction (core/mix.h: mix_words); every word is checked.
struct Mix {
  MixKernel kernel = MixKernel::fma_fp32;
  std::uint64_t words = 0;
};

/// What the ranks of a collective do with their data; reductions are sums.
enum class Collective { all_reduce, all_gather, reduce_scatter, all_to_all };
inline constexpr int kCollectives = static_cast<int>(Collective::all_to_all) + 1;
[[nodiscard]] std::string_view name(Collective kind);
[[nodiscard]] Expected<Collective> collective_from_name(std::string_view name);

/// One rank's part in a collective over `ranks` devices, each of which prepares and runs its own at
/// the same time, with as many iterations (RunFor::iterations) of the same pattern. Every element
/// of the result is checked on the rank that it arrives at (core/collective.h: what it must be).
struct Reduce {
  DType type = DType::fp32;  ///< int32, fp16, bf16, fp32 or fp64
  Collective kind = Collective::all_reduce;
  /// Of the larger of a rank's two buffers: what goes in of all_reduce, reduce_scatter and
  /// all_to_all, what comes out of all_gather; a multiple of `ranks` elements.
  std::uint64_t size_bytes = 0;
  std::uint32_t rank = 0, ranks = 0;
  std::string id;  ///< Device::collective_id() of rank 0, the same bytes on all ranks
};

using Workload = std::variant<Gemm, Fill, Check, Sweep, Stripe, Copy, Triad, Mix, Reduce>;

/// One line without pointers that says which work this is, as records and goldens name it:
/// "gemm int8 int32 512 512 512 exact", "fill 4096", "check 4096 address", "sweep 4096 read
/// 5555555555555555", "stripe 4096 read 7 own plain", "stripe 4096 write 7 others inverted", "copy
/// 4096", "triad fp64 4096" (bytes of one region), "mix aes 4096" (words), "reduce all_gather fp32
/// 4096 3 8" (bytes, rank, ranks).
[[nodiscard]] std::string describe(const Workload& workload);

}  // namespace rackproof
