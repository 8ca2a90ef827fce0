// SPDX-License-Identifier: Apache-2.0
// A power limit below the one that the profile's rates were measured at.
#include <fmt/format.h>

#include "hardware/conditions/gpu_facts.h"

namespace rackproof {
namespace {

// Limits are whole milliwatts, and some drivers round.
constexpr double kRounding_w = 0.5;

std::string watts(double value) { return format(value, Unit::watt); }

// The profile's value, else what the card was made for.
Fact<double> wanted_w(const GpuFacts& facts, const ConditionPlace& place) {
  const auto value = parse_as(place.wanted, Unit::watt);
  return value ? Fact<double>{*value} : facts.default_power_limit_w;
}

ConditionRecord check(const GpuFacts& facts, const ConditionPlace& place) {
  if (!facts.power_limit_w.value) return facts.power_limit_w.unread();
  const auto wanted = wanted_w(facts, place);
  if (!wanted.value) return wanted.unread();
  const double now = *facts.power_limit_w.value;
  auto record =
      decided(now + kRounding_w >= *wanted.value, watts(now), "at least " + watts(*wanted.value),
              fmt::format("nvidia-smi -i {} -pl {:.0f}", facts.index, *wanted.value));
  const auto& most = facts.most_power_limit_w.value;
  if (record.state == ConditionState::bad && most && *most + kRounding_w < *wanted.value) {
    record.detail = "no more than " + watts(*most) + " can be set";
    record.remedy = "another part or another profile: this GPU cannot be set so high";
  }
  return record;
}

[[maybe_unused]] const bool kRegistered = register_gpu_check<check>(
    {.name = "gpu.power_limit",
     .summary = "the power limit in force is no lower than at_least, without it the card's default",
     .bound = ConditionInfo::Bound::at_least,
     .unit = Unit::watt});

}  // namespace
}  // namespace rackproof
