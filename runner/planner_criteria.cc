// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_criteria.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "runner/planner_inventory.h"

namespace rackproof {
namespace {

constexpr const char* kMiscompares = "miscompares";
constexpr const char* kLateAnswers = "late_answers";

using Rows = std::vector<PlannedCriterion>;

struct Hardware {
  const Profile& profile;
  const Rack& rack;
};

// A figure that a limit derives from, and whose word it is; none: `source` says why.
struct Figure {
  std::optional<double> value;
  std::string source;
};

std::string id_of(std::string_view stressor, std::string_view metric, Rule rule,
                  const std::string& label) {
  return fmt::format("{} {} {}{}", stressor, metric, name(rule),
                     label.empty() ? "" : " [" + label + "]");
}

PlannedCriterion row_of(const StepDraft& draft, const DeviceInfo& device, std::string_view metric,
                        Rule rule) {
  PlannedCriterion row;
  row.id = id_of(draft.info->name, metric, rule, draft.label);
  row.step = draft.step.id;
  row.device = device.id;
  row.metric = std::string(metric);
  row.rule = rule;
  return row;
}

// Peaks that are zero, NaN or infinite bound nothing.
std::optional<double> usable(const std::map<std::string, double>& peaks, const std::string& key) {
  const auto found = peaks.find(key);
  const bool good = found != peaks.end() && std::isfinite(found->second) && found->second > 0;
  return good ? std::optional(found->second) : std::nullopt;
}

Figure ceiling_of(const Hardware& hardware, const DeviceInfo& device, const std::string& key) {
  const ExpectedDevices* entry = entry_for(hardware.profile, hardware.rack, device);
  if (entry != nullptr) {
    const auto named = usable(entry->ceilings, key);
    if (named) return {named, fmt::format("{} of profile {}", key, hardware.profile.name)};
  }
  const auto claimed = usable(device.ceilings, key);
  if (claimed) return {claimed, fmt::format("{} as {} says", key, device.id)};
  return {{}, fmt::format("neither the profile nor {} names a ceiling '{}'", device.id, key)};
}

Figure nominal_of(const DeviceInfo& device, const std::string& key) {
  const auto named = usable(device.nominals, key);
  if (named) return {named, fmt::format("nominal {} of {}", key, device.id)};
  return {{}, fmt::format("{} names no nominal '{}'", device.id, key)};
}

void add_integrity(Rows& rows, const StepDraft& draft, const DeviceInfo& device) {
  PlannedCriterion wrong = row_of(draft, device, kMiscompares, Rule::equals);
  wrong.limit = 0;
  wrong.statistic = "sum";
  wrong.integrity = true;
  wrong.source = "integrity: no result may differ";
  rows.push_back(wrong);
  PlannedCriterion late = row_of(draft, device, kLateAnswers, Rule::equals);
  late.limit = 0;
  late.statistic = "sum";
  late.source = "a burst that ends late says that the machine or the device was not free";
  rows.push_back(late);
}

// Without a ceiling the row stays, not required, as a note that nothing bounds this metric.
void add_ceilings(Rows& rows, const Hardware& hardware, const StepDraft& draft,
                  const DeviceInfo& device) {
  for (const Metric& metric : draft.info->metrics) {
    const std::string key = peak_key(metric, draft.step.params);
    if (key.empty()) continue;
    const Figure ceiling = ceiling_of(hardware, device, key);
    PlannedCriterion row = row_of(draft, device, metric.name, Rule::ceiling);
    row.limit = ceiling.value;
    row.unit = metric.unit;
    row.statistic = "max";
    row.required = ceiling.value.has_value();
    row.reason = ceiling.value ? "" : ceiling.source;
    row.source = "physical ceiling" + (ceiling.value ? " " + ceiling.source : ", unknown");
    rows.push_back(std::move(row));
  }
}

// Both sides in canonical form, so that "65536 KiB" asks for "64 MiB".
bool measures(const StepDraft& draft, const ProfileLimit& limit) {
  if (draft.step.stressor != limit.stressor) return false;
  return std::all_of(limit.where.begin(), limit.where.end(), [&](const auto& wanted) {
    const AnyParam* param = draft.info->param(wanted.first);
    if (param == nullptr) return false;
    const auto text = canonical(*param, wanted.second);
    return text && *text == draft.step.params.at(wanted.first);
  });
}

std::vector<std::string> siblings_of(const StepDraft& draft, const DeviceInfo& device) {
  std::vector<std::string> all;
  for (const DeviceInfo* other : draft.devices) {
    if (other->kind == device.kind && other->name == device.name) all.push_back(other->id);
  }
  return all;
}

// A share of something, as a number in the metric's unit, with what it is a share of.
void derive(PlannedCriterion& row, double share, const Figure& whole) {
  if (!whole.value) {
    row.reason = whole.source;
    return;
  }
  row.limit = share * *whole.value;
  const std::string basis = format(share, Unit::ratio) + " of " + whole.source;
  row.source += row.source.empty() ? basis : " (" + basis + ")";
}

void set_limit(PlannedCriterion& row, const ProfileLimit& limit, const Hardware& hardware,
               const DeviceInfo& device, const std::string& peak) {
  if (limit.rule == Rule::peers) return;  // its siblings are the limit
  if (limit.value) {
    row.limit = limit.value;
  } else if (peak.empty() && (limit.of_nominal || limit.of_ceiling)) {
    row.reason = fmt::format("{} has no peak to take a share of", row.metric);
  } else if (limit.of_nominal) {
    derive(row, *limit.of_nominal, nominal_of(device, peak));
  } else if (limit.of_ceiling) {
    derive(row, *limit.of_ceiling, ceiling_of(hardware, device, peak));
  } else {
    row.reason = "the profile gives no value";
  }
  const bool physical = limit.rule == Rule::ceiling && limit.of_ceiling && !limit.value;
  if (physical) row.source = "physical ceiling: " + row.source;
  if (row.limit && !std::isfinite(*row.limit)) {
    row.limit.reset();
    row.reason = "the profile's value is no number";
  }
}

bool counted_for_every_step(const std::string& metric) {
  return metric == kMiscompares || metric == kLateAnswers;
}

void take_decision(PlannedCriterion& row, const ProfileLimit& limit) {
  row.uncertainty = limit.uncertainty;
  row.guarded = limit.guarded;
  row.statistic = counted_for_every_step(limit.metric) ? "sum" : limit.statistic;
  row.min_effect = limit.min_effect;
  row.integrity = limit.metric == kMiscompares;
  row.required = limit.required;
  row.source = limit.source;
}

PlannedCriterion limit_row(const ProfileLimit& limit, const Hardware& hardware,
                           const StepDraft& draft, const DeviceInfo& device) {
  PlannedCriterion row = row_of(draft, device, limit.metric, limit.rule);
  take_decision(row, limit);
  const Metric* metric = draft.info->metric(limit.metric);
  if (metric == nullptr && !counted_for_every_step(limit.metric)) {
    row.reason = fmt::format("{} does not record '{}'", limit.stressor, limit.metric);
    return row;
  }
  if (metric != nullptr) row.unit = metric->unit;
  if (limit.rule == Rule::peers) row.siblings = siblings_of(draft, device);
  const std::string peak = metric != nullptr ? peak_key(*metric, draft.step.params) : "";
  set_limit(row, limit, hardware, device, peak);
  return row;
}

PlannedCriterion stepless_row(const ProfileLimit& limit) {
  PlannedCriterion row;
  row.id = id_of(limit.stressor, limit.metric, limit.rule, label_of(limit.where));
  row.metric = limit.metric;
  row.rule = limit.rule;
  take_decision(row, limit);
  row.reason = "no step measures this";
  return row;
}

bool any_measures(const std::vector<StepDraft>& drafts, const ProfileLimit& limit) {
  return std::any_of(drafts.begin(), drafts.end(),
                     [&](const StepDraft& draft) { return measures(draft, limit); });
}

void add_limit(Rows& rows, const ProfileLimit& limit, const Hardware& hardware,
               const std::vector<StepDraft>& load, const std::vector<StepDraft>& left_out) {
  for (const StepDraft& draft : load) {
    if (!measures(draft, limit)) continue;
    for (const DeviceInfo* device : draft.devices) {
      rows.push_back(limit_row(limit, hardware, draft, *device));
    }
  }
  if (!any_measures(load, limit) && !any_measures(left_out, limit)) {
    rows.push_back(stepless_row(limit));
  }
}

// The judge looks for the worst sensor in the row's step, or, where it names none, in all of them.
PlannedCriterion sensor_row(const ProfileSensorLimit& limit) {
  PlannedCriterion row;
  row.id = fmt::format("sensor {} {} {}{}", limit.sensor, limit.statistic, name(limit.rule),
                       limit.during.empty() ? "" : " during " + limit.during);
  row.metric = "sensor " + limit.sensor;
  row.rule = limit.rule;
  row.limit = limit.value;
  row.unit = limit.unit;
  row.uncertainty = limit.uncertainty;
  row.guarded = limit.guarded;
  row.statistic = limit.statistic;
  row.required = limit.required;
  row.source = limit.source;
  return row;
}

void add_sensor_limit(Rows& rows, const ProfileSensorLimit& limit,
                      const std::vector<StepDraft>& load, const std::vector<StepDraft>& left_out) {
  const auto during = [&](const StepDraft& draft) { return draft.step.stressor == limit.during; };
  PlannedCriterion row = sensor_row(limit);
  if (limit.during.empty()) return rows.push_back(row);
  for (const StepDraft& draft : load) {
    if (!during(draft)) continue;
    rows.push_back(row);
    rows.back().step = draft.step.id;
  }
  if (std::none_of(load.begin(), load.end(), during) &&
      std::none_of(left_out.begin(), left_out.end(), during)) {
    row.metric = limit.sensor;  // no sensor's, or it would be looked for in all steps
    row.reason = "no step measures this";
    rows.push_back(row);
  }
}

void add_deviceless(Rows& rows, const StepDraft& draft) {
  PlannedCriterion row;
  row.id = id_of(draft.info->name, kMiscompares, Rule::equals, draft.label);
  row.metric = kMiscompares;
  row.rule = Rule::equals;
  row.limit = 0;
  row.statistic = "sum";
  row.integrity = true;
  row.reason = fmt::format("no device of kind '{}' for {}", draft.kind, draft.step.id);
  row.source = "integrity: no result may differ";
  rows.push_back(std::move(row));
}

void number_repeated_ids(Rows& rows) {
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> seen;
  for (PlannedCriterion& row : rows) {
    const std::size_t nth = ++seen[{row.id, row.step, row.device}];
    if (nth > 1) row.id += fmt::format(" ({})", nth);
  }
}

}  // namespace

std::vector<PlannedCriterion> plan_criteria(const Profile& profile, const Rack& rack,
                                            const std::vector<StepDraft>& load,
                                            const std::vector<StepDraft>& left_out) {
  const Hardware hardware{profile, rack};
  Rows rows;
  for (const StepDraft& draft : load) {
    if (draft.devices.empty()) add_deviceless(rows, draft);
    for (const DeviceInfo* device : draft.devices) {
      add_integrity(rows, draft, *device);
      add_ceilings(rows, hardware, draft, *device);
    }
  }
  for (const ProfileLimit& limit : profile.limits) {
    add_limit(rows, limit, hardware, load, left_out);
  }
  for (const ProfileSensorLimit& limit : profile.sensor_limits)
    add_sensor_limit(rows, limit, load, left_out);
  number_repeated_ids(rows);
  return rows;
}

}  // namespace rackproof
