// SPDX-License-Identifier: Apache-2.0
#include "runner/planner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/hash.h"
#include "runner/planner_coverage.h"
#include "runner/planner_criteria.h"
#include "runner/planner_drills.h"
#include "runner/planner_environment.h"
#include "runner/planner_inventory.h"
#include "runner/planner_steps.h"

namespace rackproof {
namespace {

struct Stages {
  std::vector<const ProfileStage*> selected, left_out;
};

std::vector<std::string> stage_names(const Profile& profile) {
  std::vector<std::string> names;
  for (const ProfileStage& stage : profile.stages) names.push_back(stage.name);
  return names;
}

Expected<void> check_stage_names(const Profile& profile) {
  std::set<std::string> seen{kDrillStart, kDrillEnd};
  for (const std::string& name : stage_names(profile)) {
    if (seen.insert(name).second) continue;
    const bool reserved = name == kDrillStart || name == kDrillEnd;
    return fail(fmt::format("profile {}: {} '{}'", profile.name,
                            reserved ? "a stage has the drill's name" : "two stages are named",
                            name));
  }
  return {};
}

Error unknown_stage(const Profile& profile, const std::string& name) {
  const std::vector<std::string> known = stage_names(profile);
  const std::string near = nearest(name, known);
  const std::string hint = near.empty() ? fmt::format("it has {}", fmt::join(known, ", "))
                                        : fmt::format("did you mean '{}'?", near);
  return Error{fmt::format("profile {} has no stage '{}'; {}", profile.name, name, hint)};
}

// In the profile's order, whatever the order of the request.
Expected<Stages> select_stages(const Profile& profile, const PlanOptions& options) {
  if (const auto right = check_stage_names(profile); !right) return tl::unexpected(right.error());
  const std::vector<std::string> known = stage_names(profile);
  std::vector<std::string> wanted = options.stages;
  if (wanted.empty()) wanted = profile.default_stages;
  for (const std::string& name : wanted) {
    const bool there = std::find(known.begin(), known.end(), name) != known.end();
    if (!there) return tl::unexpected(unknown_stage(profile, name));
  }
  Stages stages;
  for (const ProfileStage& stage : profile.stages) {
    const bool chosen =
        wanted.empty() || std::find(wanted.begin(), wanted.end(), stage.name) != wanted.end();
    (chosen ? stages.selected : stages.left_out).push_back(&stage);
  }
  return stages;
}

Expected<std::vector<StepDraft>> expand(const std::vector<const ProfileStage*>& stages,
                                        const Rack& rack) {
  std::vector<StepDraft> all;
  for (const ProfileStage* stage : stages) {
    auto steps = expand_stage(*stage, rack.devices);
    if (!steps) return tl::unexpected(steps.error());
    std::move(steps->begin(), steps->end(), std::back_inserter(all));
  }
  return all;
}

void add_steps(Plan& plan, const std::vector<StepDraft>& drafts) {
  for (const StepDraft& draft : drafts) {
    if (!draft.devices.empty()) plan.steps.push_back(draft.step);
  }
}

// The drill, the load, the drill again.
Expected<void> add_campaign(Plan& plan, const std::vector<StepDraft>& load) {
  const auto start = drill_steps(load, kDrillStart);
  if (!start) return tl::unexpected(start.error());
  const auto end = drill_steps(load, kDrillEnd);
  if (!end) return tl::unexpected(end.error());
  add_steps(plan, *start);
  add_steps(plan, load);
  add_steps(plan, *end);
  return {};
}

void name_devices(Plan& plan, const Rack& rack) {
  std::set<std::string> taking_part;
  for (const PlannedStep& step : plan.steps) {
    taking_part.insert(step.devices.begin(), step.devices.end());
  }
  for (const DeviceInfo* device : distinct(rack.devices)) {
    if (taking_part.contains(device->id)) plan.devices.push_back(device->id);
  }
}

Plan head_of(const Profile& profile, const Stages& stages) {
  Plan plan;
  plan.profile = profile.name;
  plan.profile_revision = profile.revision;
  plan.profile_sha256 = hex(sha256(profile.resolved_yaml));
  for (const ProfileStage* stage : stages.selected) plan.stages.push_back(stage->name);
  for (const ProfileStage* stage : stages.left_out) plan.stages_left_out.push_back(stage->name);
  return plan;
}

}  // namespace

Expected<Plan> make_plan(const Profile& profile, const Rack& rack, const PlanOptions& options) {
  if (profile.abstract) {
    return fail(fmt::format("profile {} is abstract: it can only be extended", profile.name));
  }
  const auto stages = select_stages(profile, options);
  if (!stages) return tl::unexpected(stages.error());
  const auto load = expand(stages->selected, rack);
  if (!load) return tl::unexpected(load.error());
  const auto left_out = expand(stages->left_out, rack);
  if (!left_out) return tl::unexpected(left_out.error());

  Plan plan = head_of(profile, *stages);
  if (load->empty()) {
    return fail(fmt::format("profile {} has no steps in the selected stages ({})", profile.name,
                            fmt::join(plan.stages, ", ")));
  }
  plan.inventory = check_inventory(profile, rack);
  if (const auto done = add_campaign(plan, *load); !done) return tl::unexpected(done.error());
  plan.criteria = plan_criteria(profile, rack, *load, *left_out);
  const ProfileCoverage coverage = strictest_coverage(profile, stages->selected);
  plan.coverage = plan_coverage(coverage, profile, rack, *load);
  name_devices(plan, rack);
  plan.environment = plan_environment(profile, rack, plan.devices);
  return plan;
}

Expected<Plan> make_stress_plan(const std::string& stressor, const Params& params,
                                const std::vector<DeviceInfo>& devices, double duration_s,
                                const std::vector<std::string>& unanswered) {
  if (devices.empty()) return fail("no devices to stress");
  const auto info = stressor_named(stressor);
  if (!info) return tl::unexpected(info.error());
  ProfileStep step{.stressor = stressor};
  step.duration_s = duration_s;
  if (duration_s == 0 && (*info)->by_passes) step.passes = 1;
  auto draft = draft_step(step, params, distinct(devices));
  if (!draft) return tl::unexpected(draft.error());

  Profile profile;
  profile.name = "ad-hoc";
  profile.stages.push_back({.name = "stress"});
  place(*draft, "stress", 1);
  const std::vector<StepDraft> load{std::move(*draft)};
  Rack rack;
  rack.devices = devices;
  Plan plan = head_of(profile, {{&profile.stages.front()}, {}});
  plan.inventory.push_back(check_distinct(devices));
  for (const std::string& problem : unanswered)
    plan.inventory.push_back({"discovery", "an answer", "no answer", false, problem});
  if (const auto done = add_campaign(plan, load); !done) return tl::unexpected(done.error());
  plan.criteria = plan_criteria(profile, rack, load, {});
  name_devices(plan, rack);
  return plan;
}

}  // namespace rackproof
