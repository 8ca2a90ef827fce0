// SPDX-License-Identifier: Apache-2.0
// Contenders that take turns in short rounds, so that a noisy machine disturbs them alike, and the
// ratios of their rates.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace rackproof::bench {

/// Percentiles of what the rounds gave.
struct Spread {
  double p10 = 0, median = 0, p90 = 0;
};
/// Of at least one value, by linear interpolation.
[[nodiscard]] Spread spread_of(std::vector<double> values);

/// One way to do the work.
struct Contender {
  std::string name;
  std::function<double()> rate;  ///< of one short run, in units a second
};

/// Rates by contender and round; rounds of different contenders with one index lay side by side in
/// time.
class Rounds {
 public:
  /// Runs each contender once to warm up, then all of them in turn `rounds` times; every other
  /// round goes backwards, so that none always follows the same one.
  Rounds(const std::vector<Contender>& contenders, int rounds);

  [[nodiscard]] Spread rate(std::size_t contender) const;
  [[nodiscard]] double best(std::size_t contender) const;
  /// Of the rates within each round.
  [[nodiscard]] Spread ratio(std::size_t contender, std::size_t to) const;

 private:
  std::vector<std::vector<double>> rates_;
};

/// A line: what, the ratio's median, its p10 and p90, and the rounds.
void print_ratio(const std::string& what, const Spread& ratio, int rounds);
/// A line: what, the rate's median, p10 and p90 in `unit` of 1e9.
void print_rate(const std::string& what, const Spread& rate, const std::string& unit);

}  // namespace rackproof::bench
