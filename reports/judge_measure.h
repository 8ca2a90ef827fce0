// SPDX-License-Identifier: Apache-2.0
// One number from the recorded windows of one step on one device, so that a verifier can repeat it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "reports/judge_case.h"

namespace rackproof {

struct Measurement {
  std::optional<double> value;
  std::uint64_t n = 0;  ///< windows
  std::string invalid;  ///< why the recordings cannot be used; empty: they can
  std::string absent;   ///< why there is no value; empty: there is one
  std::string peer;     ///< the device that the worst data came from; empty: none but its own
};

/// True for a criterion that time and environment bear on; false for counted integrity.
[[nodiscard]] bool is_rate(const PlannedCriterion& criterion);
/// How the page shows it (core/stressor.h); `step` null: the criterion's own unit.
[[nodiscard]] Unit shown_unit(const PlannedCriterion& criterion, const PlannedStep* step);
/// A ceiling of physics, not of the profile's taste: breaking it is INVALID.
[[nodiscard]] bool is_physical(const PlannedCriterion& criterion);

/// Takes values, and remembers them. Of data that came from several peers the value is that of the
/// worst one alone: the least for floors and siblings, else the greatest. They are remembered
/// since siblings ask for each other's again and again.
class Measurements {
 public:
  explicit Measurements(const Case& judged) : case_(judged) {}
  /// "miscompares" and "late_answers" are counted over all attempts, drill faults left out; other
  /// metrics come from the last finished attempt, or the best of them where the plan grants several
  /// (for a physical ceiling the highest).
  const Measurement& of(const PlannedCriterion& criterion, const std::string& device);

 private:
  enum class Pick { last, highest, lowest };
  enum class Worst { least, greatest };  ///< among peers
  using Key = std::tuple<std::string, std::string, std::string, std::string, Pick, Worst>;
  [[nodiscard]] Measurement counted(const std::string& step, const std::string& device,
                                    std::uint64_t FaultMatch::*count) const;
  [[nodiscard]] Measurement picked(const PlannedCriterion& criterion, const std::string& device,
                                   Pick pick) const;
  [[nodiscard]] static Pick pick_for(const PlannedCriterion& criterion, const PlannedStep* step);

  const Case& case_;
  std::map<Key, Measurement> known_;
};

}  // namespace rackproof
