// SPDX-License-Identifier: Apache-2.0
#include "core/collective.h"

#include <fmt/format.h>

#include <vector>

namespace rackproof {
namespace {

// What one rank receives, element by element, with the ranks' patterns made once.
class Expectation {
 public:
  Expectation(const Reduce& reduce, std::uint64_t pattern)
      : reduce_(reduce), bound_(collective_bound(reduce.type, reduce.ranks)) {
    for (std::uint32_t rank = 0; rank < reduce.ranks; ++rank)
      patterns_.push_back(rank_pattern(pattern, rank));
  }

  [[nodiscard]] std::uint64_t bits(std::uint64_t element) const {
    return collective_bits(reduce_.type, value(collective_source(reduce_, element)));
  }

 private:
  [[nodiscard]] std::int64_t value(const CollectiveSource& from) const {
    if (!sums(reduce_.kind)) return collective_input(patterns_[from.rank], from.index, bound_);
    std::int64_t sum = 0;
    for (const std::uint64_t pattern : patterns_)
      sum += collective_input(pattern, from.index, bound_);
    return sum;
  }

  Reduce reduce_;
  std::int64_t bound_;
  std::vector<std::uint64_t> patterns_;
};

}  // namespace

std::string why_no_collective(const Reduce& r) {
  if (r.ranks < 2 || r.ranks > kMostRanks)
    return fmt::format("a collective of {} ranks: 2 ... {}", r.ranks, kMostRanks);
  if (r.rank >= r.ranks) return fmt::format("rank {} of {}", r.rank, r.ranks);
  if (collective_largest(r.type) == 0)
    return fmt::format("a collective of {}: int32, fp16, bf16, fp32 or fp64", name(r.type));
  if (collective_bound(r.type, r.ranks) < 1)
    return fmt::format("{} sums of {} ranks are not exact", name(r.type), r.ranks);
  const std::uint64_t unit = std::uint64_t{r.ranks} * size_of(r.type);
  if (r.size_bytes == 0 || r.size_bytes % unit != 0)
    return fmt::format("a collective of {} bytes: a multiple of {}", r.size_bytes, unit);
  return {};
}

std::uint64_t collective_expected(const Reduce& reduce, std::uint64_t pattern,
                                  std::uint64_t element) {
  return Expectation(reduce, pattern).bits(element);
}

std::uint64_t collective_digest(const Reduce& reduce, std::uint64_t pattern, std::uint64_t first,
                                std::uint64_t last) {
  const Expectation right(reduce, pattern);
  std::uint64_t digest = 0;
  for (std::uint64_t i = first; i < last; ++i) digest += digest_term(right.bits(i), i);
  return digest;
}

double bus_factor(Collective kind, std::uint32_t ranks) {
  const double n = ranks;
  return (kind == Collective::all_reduce ? 2 : 1) * (n - 1) / n;
}

}  // namespace rackproof
