// SPDX-License-Identifier: Apache-2.0
// From a document of the right shape to a Profile in base units; every mistake at its place.
#pragma once

#include <vector>

#include "profiles/node.h"
#include "profiles/profile.h"

namespace rackproof {

/// A limit and where it stands in the file.
struct PlacedLimit {
  ProfileLimit limit;
  Node node;  ///< the rule's value: what follows `floor:`
};

void read_hardware(const Node& hardware, Profile& profile);
[[nodiscard]] ProfileCoverage read_coverage(const Node& coverage);
/// Needs the hardware: a condition is of a kind of device that the profile expects.
[[nodiscard]] std::vector<ProfileCondition> read_environment(const Node& environment,
                                                             const Profile& profile);
/// Reports a kind of device that the profile's hardware does not name.
void check_kind(const Node& on, const Profile& profile);
/// Needs the hardware: a step runs on a kind of device that the profile expects.
void read_stages(const Node& top, Profile& profile);
[[nodiscard]] std::vector<PlacedLimit> read_limits(const Node& limits);
/// Needs the stages: a limit during a stressor wants a step that runs it.
[[nodiscard]] std::vector<ProfileSensorLimit> read_sensor_limits(const Node& sensors,
                                                                 const Profile& profile);
/// A ratio from 0 to below 0.5; 0 when it is missing.
[[nodiscard]] double read_uncertainty(const Node& node);

/// What only shows when limits, steps and hardware are seen together: limits that nothing measures,
/// that contradict each other, that exceed the hardware, that lack peers.
void check_limits_together(const std::vector<PlacedLimit>& limits, const Profile& profile);

/// All of it: the Profile of a document that check_shape() has seen, whether or not it was content.
/// `resolved_yaml` stays empty.
[[nodiscard]] Profile read_profile(const Document& document, std::vector<Error>& errors);

}  // namespace rackproof
