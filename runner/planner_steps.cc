// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "runner/planner_deadlines.h"
#include "runner/planner_drills.h"

namespace rackproof {
namespace {

constexpr std::size_t kMaxCombinations = 10000;  // of one entry: more is a slip, not a campaign

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  return near.empty() ? "" : "; did you mean '" + near + "'?";
}

// An empty list would make its step vanish from the plan.
Expected<void> check_lists(const ProfileStep& step) {
  std::size_t combinations = 1;
  for (const auto& [key, values] : step.with) {
    if (values.empty()) return fail(fmt::format("parameter '{}' has an empty list of values", key));
    combinations *= values.size();
    if (combinations > kMaxCombinations) {
      return fail(fmt::format("'with' makes more than {} combinations", kMaxCombinations));
    }
  }
  return {};
}

std::vector<Params> combinations(const ProfileStep& step) {
  std::vector<Params> all{{}};
  for (const auto& [key, values] : step.with) {
    std::vector<Params> longer;
    for (const Params& shorter : all) {
      for (const std::string& value : values) {
        longer.push_back(shorter);
        longer.back()[key] = value;
      }
    }
    all = std::move(longer);
  }
  return all;
}

Expected<void> check_length(const StressorInfo& info, const ProfileStep& step) {
  if (!std::isfinite(step.duration_s) || step.duration_s < 0) {
    return fail(fmt::format("a duration of {} s is no length of time", step.duration_s));
  }
  if (step.duration_s == 0 && step.passes == 0) {
    return fail("neither a duration nor a number of passes: nothing would run");
  }
  if (step.duration_s > 0 && step.passes > 0) {
    return fail("a duration and a number of passes: one of them only");
  }
  if (step.passes > 0 && !info.by_passes) {
    return fail(fmt::format("{} does not run by passes: give a duration", info.name));
  }
  if (step.deadline_s && !(*step.deadline_s > step.duration_s)) {
    return fail(fmt::format("a deadline of {} leaves no time for a duration of {}",
                            format(*step.deadline_s, Unit::second),
                            format(step.duration_s, Unit::second)));
  }
  return {};
}

}  // namespace

std::string label_of(const Params& params) {
  std::string text;
  for (const auto& [key, value] : params) {
    text += (text.empty() ? "" : " ") + key + "=" + value;
  }
  return text;
}

Expected<const StressorInfo*> stressor_named(const std::string& wanted) {
  if (const StressorInfo* found = find_stressor(wanted)) return found;
  std::vector<std::string> known;
  for (const StressorInfo& info : stressors()) {
    if (!info.hidden) known.emplace_back(info.name);
  }
  return fail(fmt::format("unknown stressor '{}'{}", wanted, suggestion(wanted, known)));
}

namespace {

// Of what was given; a parameter that is like another, only where it is not.
Params labels_of(const StressorInfo& info, const Params& given, const Params& complete) {
  Params labels;
  for (const auto& [key, value] : given) {
    const auto* number = std::get_if<Param>(info.param(key));
    const std::string& text = complete.at(key);
    if (number == nullptr || number->like.empty() || text != number->like) labels[key] = text;
  }
  return labels;
}

}  // namespace

Expected<Params> complete_params(const StressorInfo& info, const Params& given) {
  Params all;
  std::vector<std::string> known;
  for (const AnyParam& param : info.params) {
    known.emplace_back(name(param));
    const auto found = given.find(known.back());
    const auto text = canonical(param, found == given.end() ? fallback_text(param) : found->second);
    if (!text) return fail(fmt::format("{}: {}", info.name, text.error().message));
    all[known.back()] = *text;
  }
  for (const auto& [key, value] : given) {
    if (all.contains(key)) continue;
    return fail(fmt::format("{} has no parameter '{}'{}", info.name, key, suggestion(key, known)));
  }
  return all;
}

std::vector<const DeviceInfo*> distinct(const std::vector<DeviceInfo>& devices) {
  std::set<std::string> seen;
  std::vector<const DeviceInfo*> once;
  for (const DeviceInfo& device : devices) {
    if (seen.insert(device.id).second) once.push_back(&device);
  }
  return once;
}

Expected<StepDraft> draft_step(const ProfileStep& step, const Params& given,
                               std::vector<const DeviceInfo*> devices) {
  const auto info = stressor_named(step.stressor);
  if (!info) return tl::unexpected(info.error());
  if (const auto right = check_length(**info, step); !right) return tl::unexpected(right.error());
  const auto params = complete_params(**info, given);
  if (!params) return tl::unexpected(params.error());

  StepDraft draft;
  draft.info = *info;
  draft.kind = step.on;
  draft.devices = std::move(devices);
  draft.label = label_of(labels_of(**info, given, *params));
  draft.step.stressor = step.stressor;
  draft.step.params = *params;
  for (const DeviceInfo* device : draft.devices) draft.step.devices.push_back(device->id);
  draft.step.duration_s = step.duration_s;
  draft.step.passes = step.passes;
  draft.step.gang = step.gang || (*info)->peers != Peers::none;
  draft.step.attempts = std::max<std::uint64_t>(1, step.attempts);
  draft.step.faults = unannounced_faults(*draft.info, draft.step);
  set_deadlines(draft, step.deadline_s);
  // Cut off before its first pass ended, it may have written words and read none of them back.
  if ((*info)->by_passes && draft.step.duration_s > 0) draft.step.passes = 1;
  return draft;
}

void place(StepDraft& draft, const std::string& stage, std::size_t number) {
  draft.step.stage = stage;
  draft.step.id = fmt::format("{}/{:02} {}{}{}", stage, number, draft.step.stressor,
                              draft.label.empty() ? "" : " ", draft.label);
}

Expected<std::vector<StepDraft>> expand_stage(const ProfileStage& stage,
                                              const std::vector<DeviceInfo>& devices) {
  std::vector<StepDraft> drafts;
  for (const ProfileStep& step : stage.steps) {
    const auto refuse = [&](const Error& error) {
      return fail(fmt::format("stage '{}', step {} ({}): {}", stage.name,
                              &step - stage.steps.data() + 1, step.stressor, error.message));
    };
    if (const auto right = check_lists(step); !right) return refuse(right.error());
    std::vector<const DeviceInfo*> of_kind = distinct(devices);
    std::erase_if(of_kind, [&](const DeviceInfo* d) { return d->kind != step.on; });
    for (const Params& given : combinations(step)) {
      auto draft = draft_step(step, given, of_kind);
      if (!draft) return refuse(draft.error());
      place(*draft, stage.name, drafts.size() + 1);
      drafts.push_back(std::move(*draft));
    }
  }
  return drafts;
}

}  // namespace rackproof
