// SPDX-License-Identifier: Apache-2.0
// What goes into a collective and what must come out of it on each rank. Header-only arithmetic, so
// that device kernels and the host compute the same bits. Inputs are odd integers so small that
// every partial sum of all ranks is one of the type's exact integers: one right answer, whatever
// the order of summation.
#pragma once

#include <bit>
#include <cstdint>
#include <string>

#include "core/oracle.h"
#include "core/workload.h"

namespace rackproof {

inline constexpr std::uint32_t kMostRanks = 1u << 16;

/// Largest integer up to which a type of a collective holds every one; 0: no type of a collective.
constexpr std::int64_t collective_largest(DType type) {
  switch (type) {
    case DType::bf16:
      return 1 << 8;
    case DType::fp16:
      return 1 << 11;
    case DType::fp32:
      return 1 << 24;
    case DType::i32:
      return 1 << 30;
    case DType::fp64:
      return 1LL << 30;
    default:
      return 0;
  }
}

/// Greatest odd magnitude of an input among so many ranks; 0: no exact sums of so many.
constexpr std::int64_t collective_bound(DType type, std::uint32_t ranks) {
  const std::int64_t most = ranks == 0 ? 0 : collective_largest(type) / ranks;
  return most > 0 && most % 2 == 0 ? most - 1 : most;
}

/// The pattern of one rank's input, and its element `index` as a number.
constexpr std::uint64_t rank_pattern(std::uint64_t pattern, std::uint32_t rank) {
  return stream_word(pattern, Stream::rank, rank);
}
constexpr std::int64_t collective_input(std::uint64_t of_rank, std::uint64_t index,
                                        std::int64_t bound) {
  return exact_operand(pattern_word(of_rank, index), bound);
}

/// The bits of an integer that the type holds exactly, zero-extended; 0 for no type of a
/// collective.
constexpr std::uint64_t collective_bits(DType type, std::int64_t value) {
  if (type == DType::i32) return static_cast<std::uint32_t>(value);
  if (type == DType::fp64) return std::bit_cast<std::uint64_t>(static_cast<double>(value));
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
  if (type == DType::fp32) return bits;
  if (type == DType::bf16) return bits >> 16;
  if (type != DType::fp16 || value == 0) return 0;
  constexpr std::uint32_t kRebias = 127 - 15;
  const std::uint32_t exponent = (bits >> 23 & 0xffU) - kRebias;
  return (bits >> 16 & 0x8000U) | exponent << 10 | (bits >> 13 & 0x3ffU);
}

/// Why there is no such collective, in words; empty: there is.
[[nodiscard]] std::string why_no_collective(const Reduce& reduce);

/// Elements in the larger of the two buffers, in a rank's share of it, of a rank's input, and of
/// its result.
inline std::uint64_t collective_elements(const Reduce& r) { return r.size_bytes / size_of(r.type); }
inline std::uint64_t share_elements(const Reduce& r) { return collective_elements(r) / r.ranks; }
inline std::uint64_t input_elements(const Reduce& r) {
  return r.kind == Collective::all_gather ? share_elements(r) : collective_elements(r);
}
inline std::uint64_t result_elements(const Reduce& r) {
  return r.kind == Collective::reduce_scatter ? share_elements(r) : collective_elements(r);
}
constexpr bool sums(Collective kind) {
  return kind == Collective::all_reduce || kind == Collective::reduce_scatter;
}

/// Which input element a result element comes from: of rank `rank`, or of each where it is a sum.
struct CollectiveSource {
  std::uint32_t rank = 0;
  std::uint64_t index = 0;
};
inline CollectiveSource collective_source(const Reduce& r, std::uint64_t element) {
  const std::uint64_t share = share_elements(r);
  const auto sender = static_cast<std::uint32_t>(element / share);
  switch (r.kind) {
    case Collective::all_reduce:
      return {0, element};
    case Collective::all_gather:
      return {sender, element % share};
    case Collective::reduce_scatter:
      return {0, r.rank * share + element};
    case Collective::all_to_all:
      return {sender, r.rank * share + element % share};
  }
  return {};
}

/// The right bits of one element of the rank's result, zero-extended.
[[nodiscard]] std::uint64_t collective_expected(const Reduce& reduce, std::uint64_t pattern,
                                                std::uint64_t element);

/// Digest of elements `first` to `last` - 1 of the rank's result, one word an element; the shape is
/// one that there is.
[[nodiscard]] std::uint64_t collective_digest(const Reduce& reduce, std::uint64_t pattern,
                                              std::uint64_t first, std::uint64_t last);

/// Bus bandwidth is size_bytes over seconds times this: what each link carries of it, however many
/// ranks there are. Source: nccl-tests, doc/PERFORMANCE.md.
[[nodiscard]] double bus_factor(Collective kind, std::uint32_t ranks);

}  // namespace rackproof
