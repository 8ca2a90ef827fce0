// SPDX-License-Identifier: Apache-2.0
#include "profiles/lint.h"

#include <fmt/format.h>

namespace rackproof {
namespace {

void read_identity(const Node& top, Profile& profile) {
  profile.name = top["name"].text();
  profile.title = top["title"].text();
  profile.confidence = top["confidence"].text();
  profile.revision = top["revision"].integer().value_or(0);
  profile.abstract = top["abstract"].flag(false);
}

std::optional<double> read_sensor_rate(const Node& node) {
  const auto rate = node.quantity(Unit::hertz);
  if (rate && (*rate < kLeastSensorRate_hz || *rate > kMostSensorRate_hz)) {
    node.wrong(fmt::format("sensor_rate: '{}' must be 0.1 Hz to 10 Hz", node.text()));
  }
  return rate;
}

void check_whole(const Node& top, const Profile& profile) {
  if (profile.abstract) return;
  if (!top["hardware"]["node"]["accelerators"]) {
    top.wrong(
        "'hardware.node.accelerators' is missing; only an 'abstract: true' profile "
        "can do without");
  }
  if (!top["stages"]) {
    top.wrong("'stages' is missing; only an 'abstract: true' profile can do without");
  }
}

}  // namespace

Profile read_profile(const Document& document, std::vector<Error>& errors) {
  Profile profile;
  const Node top(document, errors);
  read_identity(top, profile);
  if (errors.empty()) check_whole(top, profile);  // else the missing part may be misspelt
  read_hardware(top["hardware"], profile);
  profile.coverage = read_coverage(top["coverage"]);
  profile.environment = read_environment(top["environment"], profile);
  profile.sensor_rate_hz = read_sensor_rate(top["sensor_rate"]);
  read_stages(top, profile);
  const bool sound = errors.empty();  // else a misspelt step would make its limits wrong as well
  const std::vector<PlacedLimit> limits = read_limits(top["limits"]);
  if (sound) check_limits_together(limits, profile);
  for (const PlacedLimit& placed : limits) profile.limits.push_back(placed.limit);
  profile.sensor_limits = read_sensor_limits(top["limits"]["sensors"], profile);
  return profile;
}

}  // namespace rackproof
