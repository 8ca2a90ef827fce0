// SPDX-License-Identifier: Apache-2.0
#include "app/choose.h"

#include <fmt/format.h>

#include "app/print.h"
#include "core/units.h"
#include "profiles/extends.h"

namespace rackproof {
namespace {

tl::unexpected<std::vector<Error>> one(const Error& error) {
  return tl::unexpected(std::vector<Error>{error});
}

ExpectedAll<Planned> choose(Rack rack) {
  auto profiles = usable_profiles();
  if (!profiles) return tl::unexpected(profiles.error());
  const auto choice = choose_profile(*profiles, rack);
  if (!choice) return one(choice.error());
  for (Profile& profile : *profiles) {
    if (profile.name == choice->profile)
      return Planned{std::move(profile), std::move(rack), {}, choice->why, {}};
  }
  return one(Error{"no profile named " + choice->profile});
}

ExpectedAll<Planned> named(const std::string& name, Rack rack) {
  auto profile = load_profile(name);
  if (!profile) return tl::unexpected(profile.error());
  if (profile->abstract)
    return one(
        Error{fmt::format("profile {} is abstract: it is only to be extended", profile->name)});
  return Planned{*std::move(profile), std::move(rack), {}, "", ""};
}

constexpr const char* kCaveat =
    "a plan for a machine that is not here: all installed memory is taken as allocatable, and "
    "limits "
    "that its processors' peaks give are left open";

void assume_allocatable(Rack& rack) {
  for (DeviceInfo& device : rack.devices) device.allocatable_bytes = device.memory_bytes;
}

std::string duration_of(const PlannedStep& step) {
  if (step.drill) return fmt::format("{} faults", count_of(step.faults));
  if (step.duration_s > 0) return format(step.duration_s, Unit::second);
  return fmt::format("{} pass{}", step.passes, step.passes == 1 ? "" : "es");
}

}  // namespace

// A profile that cannot be read must not silently give way to another one.
ExpectedAll<std::vector<Profile>> usable_profiles() {
  std::vector<Profile> profiles;
  if (const auto good = check_profile_folders(); !good) return one(good.error());
  for (const ProfileSummary& summary : list_profiles()) {
    auto profile = load_profile(summary.file.string());
    if (!profile) return tl::unexpected(profile.error());
    if (!profile->abstract) profiles.push_back(*std::move(profile));
  }
  return profiles;
}

ExpectedAll<Planned> plan_for(const std::string& profile, const std::vector<std::string>& stages,
                              const RackOptions& options) {
  auto rack = look_around(options);
  if (!rack) return one(rack.error());
  const bool foreign = !options.from.empty();
  if (foreign) assume_allocatable(*rack);
  auto planned = profile.empty() ? choose(*std::move(rack)) : named(profile, *std::move(rack));
  if (!planned) return planned;
  auto plan = make_plan(planned->profile, planned->rack, {stages});
  if (!plan) return one(plan.error());
  planned->plan = *std::move(plan);
  if (foreign) planned->caveat = kCaveat;
  return planned;
}

std::string describe(const Plan& plan) {
  std::string text =
      fmt::format("profile {} revision {}, {} device{}\n", plan.profile, plan.profile_revision,
                  plan.devices.size(), plan.devices.size() == 1 ? "" : "s");
  for (const InventoryCheck& check : plan.inventory) {
    text +=
        fmt::format("  {} {}: expected {}, found {}{}\n", check.met ? "ok  " : "MISS", check.name,
                    check.expected, check.found, check.detail.empty() ? "" : "; " + check.detail);
  }
  if (!plan.environment.empty()) text += "environment, looked at before and after the load\n";
  for (const ConditionDemand& demand : plan.environment) {
    text += fmt::format("  {} {}{}{}\n", demand.part, demand.name,
                        demand.wanted.empty() ? "" : " " + demand.wanted,
                        demand.required ? "" : " (not required)");
  }
  text += "steps\n";
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const PlannedStep& step = plan.steps[i];
    text += fmt::format("  {:>3}  {:<64} {:>10}  {} device{}\n", i + 1, step.id, duration_of(step),
                        step.devices.size(), step.devices.size() == 1 ? "" : "s");
  }
  text += fmt::format("{} criteria, {} coverage demands; --json shows each\n", plan.criteria.size(),
                      plan.coverage.size());
  return text;
}

}  // namespace rackproof
