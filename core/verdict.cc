// SPDX-License-Identifier: Apache-2.0
#include "core/verdict.h"

#include <array>

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 6> kNames{"PASS",       "FAIL",    "MARGINAL",
                                                 "INCOMPLETE", "INVALID", "ERROR"};

// Index: verdict; value: how strongly it dominates.
constexpr std::array<int, 6> kRank{0, 5, 1, 2, 3, 4};

constexpr int rank(Verdict v) { return kRank[static_cast<std::size_t>(v)]; }

}  // namespace

Verdict worst(Verdict a, Verdict b) { return rank(a) >= rank(b) ? a : b; }

Verdict worst(std::span<const Verdict> parts) {
  if (parts.empty()) return Verdict::incomplete;
  Verdict whole = Verdict::pass;
  for (const Verdict part : parts) whole = worst(whole, part);
  return whole;
}

std::string_view name(Verdict verdict) { return kNames[static_cast<std::size_t>(verdict)]; }

Expected<Verdict> verdict_from_name(std::string_view wanted) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == wanted) return static_cast<Verdict>(i);
  }
  return fail("unknown verdict '" + std::string(wanted) + "'");
}

}  // namespace rackproof
