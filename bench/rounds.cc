// SPDX-License-Identifier: Apache-2.0
#include "bench/rounds.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace rackproof::bench {
namespace {

// `values` are sorted.
double percentile(const std::vector<double>& values, double part) {
  const double at = part * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return std::lerp(values[low], values[high], at - static_cast<double>(low));
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  std::ranges::sort(values);
  return {percentile(values, 0.1), percentile(values, 0.5), percentile(values, 0.9)};
}

Rounds::Rounds(const std::vector<Contender>& contenders, int rounds) : rates_(contenders.size()) {
  for (const Contender& contender : contenders) (void)contender.rate();
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t turn = 0; turn < contenders.size(); ++turn) {
      const std::size_t i = round % 2 == 0 ? turn : contenders.size() - 1 - turn;
      rates_[i].push_back(contenders[i].rate());
    }
  }
}

Spread Rounds::rate(std::size_t contender) const { return spread_of(rates_[contender]); }

double Rounds::best(std::size_t contender) const {
  return *std::ranges::max_element(rates_[contender]);
}

Spread Rounds::ratio(std::size_t contender, std::size_t to) const {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < rates_[contender].size(); ++i)
    ratios.push_back(rates_[contender][i] / rates_[to][i]);
  return spread_of(ratios);
}

void print_ratio(const std::string& what, const Spread& ratio, int rounds) {
  fmt::print("  {:<44} {:6.3f}   p10 {:.3f}  p90 {:.3f}  ({} rounds)\n", what, ratio.median,
             ratio.p10, ratio.p90, rounds);
  std::fflush(stdout);  // a bench that is cut off keeps what it measured
}

void print_rate(const std::string& what, const Spread& rate, const std::string& unit) {
  fmt::print("  {:<44} {:6.1f}   p10 {:.1f}  p90 {:.1f}  {}\n", what, rate.median / 1e9,
             rate.p10 / 1e9, rate.p90 / 1e9, unit);
}

}  // namespace rackproof::bench
