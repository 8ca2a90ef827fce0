// SPDX-License-Identifier: Apache-2.0
// The plan of `rackproof prove`: nothing but drills, many faults each, so that what the detectors
// find can be counted.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/device.h"
#include "core/plan.h"

namespace rackproof {

/// What kind of faults a step of a prove plan commits.
enum class FaultClass {
  single,         ///< one bit of one element
  structured,     ///< several bits, lanes, registers, zeros, NaN, infinities, exchanged elements
  deterministic,  ///< the same wrong answer in every iteration
};
inline constexpr int kFaultClasses = static_cast<int>(FaultClass::deterministic) + 1;
[[nodiscard]] std::string_view name(FaultClass fault_class);

/// What can be drilled of one stressor: one combination of its `dtype`, `operands`, `direction` and
/// the like, struck at one site.
struct ProveCell {
  std::string stressor;
  std::map<std::string, std::string> params;
  FaultSite site = FaultSite::result;
};
/// Of every stressor that is not hidden and has sites to drill, whatever the device.
[[nodiscard]] std::vector<ProveCell> prove_cells();

/// At least `faults` single and as many structured faults, and a tenth of that deterministic ones,
/// on each device, as many for each stressor of `cells`; less of types that a device says it lacks.
/// Steps are named "prove/001 compute.gemm dtype=int8 result single". An Error for no devices, no
/// cells, or more faults than one plan takes (10,000,000).
[[nodiscard]] Expected<Plan> make_prove_plan(const std::vector<DeviceInfo>& devices,
                                             const std::vector<ProveCell>& cells,
                                             std::int64_t faults);

/// The class in a step's name; none for a step of another plan.
[[nodiscard]] std::optional<FaultClass> fault_class_of(const PlannedStep& step);

}  // namespace rackproof
