// SPDX-License-Identifier: Apache-2.0
// The right words of Mix on a machine none of whose cores is trusted: two cores compute them, and
// where they disagree a third one decides.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/workload.h"

namespace rackproof::cpu {

/// What every core must arrive at.
struct MixAnswer {
  std::vector<std::uint64_t> words;
  std::vector<std::uint64_t> packed;  ///< compress: the compressed data
  friend bool operator==(const MixAnswer&, const MixAnswer&) = default;
};

/// By the plain scalar code of core/mix.h and, for compress, by the compressor.
[[nodiscard]] MixAnswer mix_answer(const Mix& mix, std::uint64_t pattern);

class MixOracle {
 public:
  /// `on_cores` has each of these cores compute the answer to a pattern, at once.
  using OnCores = std::function<std::vector<MixAnswer>(const std::vector<unsigned>& which,
                                                       std::uint64_t pattern)>;
  MixOracle(unsigned cores, OnCores on_cores) : cores_(cores), on_cores_(std::move(on_cores)) {}

  /// Kept until the pattern changes; which cores compute it changes with the pattern.
  [[nodiscard]] const MixAnswer& right(std::uint64_t pattern);
  /// A core that was outvoted when right() last computed.
  struct Outvoted {
    unsigned core = 0;
    MixAnswer answer;
  };
  [[nodiscard]] std::vector<Outvoted> take_outvoted() { return std::exchange(outvoted_, {}); }

 private:
  void vote(std::uint64_t pattern);
  unsigned cores_;
  OnCores on_cores_;
  std::optional<std::uint64_t> pattern_;
  MixAnswer right_;
  std::vector<Outvoted> outvoted_;
};

}  // namespace rackproof::cpu
