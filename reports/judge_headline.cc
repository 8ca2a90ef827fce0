// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_headline.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "reports/judge_coverage.h"

namespace rackproof {
namespace {

constexpr std::size_t kMostItems = 3;

// Tested over demanded bytes; none when no such share is demanded.
std::optional<double> memory_share(const Case& judged, std::string_view name) {
  double tested = 0, whole = 0;
  for (const CoverageDemand& demand : judged.plan().coverage) {
    if (demand.name != name || demand.device.empty() || !(demand.whole > 0)) continue;
    whole += demand.whole;
    tested += memory_tested_bytes(judged, demand.device);
  }
  return whole > 0 ? std::optional(tested / whole) : std::nullopt;
}

std::string memory_text(const Case& judged) {
  if (const auto share = memory_share(judged, "memory.installed"))
    return fmt::format("{:.3g} % of memory tested", 100 * *share);
  if (const auto share = memory_share(judged, "memory.allocatable"))
    return fmt::format("{:.3g} % of allocatable memory tested", 100 * *share);
  double tested = 0;
  for (const std::string& device : judged.devices()) tested += memory_tested_bytes(judged, device);
  return tested > 0 ? format(tested, Unit::byte) + " of memory tested" : "no memory tested";
}

std::string stages_of(const Plan& plan) {
  if (plan.stages.empty()) return "no stage";
  return fmt::format("{} {}", plan.stages.size() == 1 ? "stage" : "stages",
                     fmt::join(plan.stages, ", "));
}

std::string count_of(std::size_t devices) {
  return fmt::format("{} {}", devices, devices == 1 ? "device" : "devices");
}

bool holds_a_rate(const Report& report) {
  return std::any_of(report.criteria.begin(), report.criteria.end(), [](const auto& row) {
    const bool rate = row.criterion.rule == Rule::floor || row.criterion.rule == Rule::peers;
    return rate && row.verdict == Verdict::pass;
  });
}

bool sensors_from_elsewhere(const Case& judged) {
  const auto& events = judged.evidence().events;
  return std::any_of(events.begin(), events.end(),
                     [](const EventRecord& event) { return event.kind == "sensor_root"; });
}

std::string pass_line(const Case& judged, const Report& report) {
  const Plan& plan = judged.plan();
  return fmt::format("PASS: {}, {} of {}: {}, {}, detectors proven{}{}",
                     plan.profile.empty() ? "no profile" : plan.profile, stages_of(plan),
                     plan.stages.size() + plan.stages_left_out.size(),
                     count_of(judged.devices().size()), memory_text(judged),
                     holds_a_rate(report) ? "" : ", no demand on speed",
                     sensors_from_elsewhere(judged) ? ", sensors not of this machine" : "");
}

std::string brief_of(const CauseGroup& group) {
  const std::string& own = group.causes.front().brief;
  return own.empty() ? std::string(words(group.kind).brief) : own;
}

// The devices that have the report's verdict, each with the first of its causes.
class DeviceClause {
 public:
  DeviceClause(const Report& report, const std::vector<CauseGroup>& groups) : report_(report) {
    for (const DeviceResult& row : report.devices) {
      if (row.verdict == report.verdict) unnamed_.insert(row.device);
    }
    concerned_ = unnamed_.size();
    for (const CauseGroup& group : groups) take(group);
  }

  [[nodiscard]] std::string text() const {
    if (concerned_ == 0) return {};
    const std::string start = fmt::format("{} of {}", concerned_, count_of(report_.devices.size()));
    if (items_.empty()) return start;
    if (!common_.empty()) return fmt::format("{} {}", start, common_);
    const std::string rest = unnamed_.empty() ? "" : fmt::format(", and {} more", unnamed_.size());
    return fmt::format("{}: {}{}", start, fmt::join(items_, ", "), rest);
  }

 private:
  void take(const CauseGroup& group) {
    if (group.verdict != report_.verdict || items_.size() >= kMostItems) return;
    std::vector<std::string> fresh;
    for (const std::string& part : group.parts) {
      if (unnamed_.erase(part) > 0) fresh.push_back(part);
    }
    if (fresh.empty()) return;
    const bool many = fresh.size() > kMostItems;
    if (many && fresh.size() == concerned_) common_ = brief_of(group);
    items_.push_back(
        fmt::format("{} {}", many ? count_of(fresh.size()) : name_parts(fresh), brief_of(group)));
  }

  const Report& report_;
  std::set<std::string> unnamed_;
  std::size_t concerned_ = 0;
  std::vector<std::string> items_;
  std::string common_;
};

std::string inventory_clause(const Report& report, const std::vector<CauseGroup>& groups) {
  std::vector<std::string> wrong;
  for (const CauseGroup& group : groups) {
    if (group.kind == CauseKind::inventory && group.verdict == report.verdict)
      wrong.push_back(brief_of(group));
  }
  if (wrong.empty()) return {};
  const std::string rest = wrong.size() > 1 ? fmt::format(", and {} more", wrong.size() - 1) : "";
  return "inventory: " + wrong.front() + rest;
}

std::vector<std::string> other_clauses(const Case& judged, const Report& report,
                                       const std::vector<CauseGroup>& groups) {
  std::vector<std::string> clauses;
  for (const CauseGroup& group : groups) {
    const std::string& part = group.parts.front();
    const bool other = group.kind != CauseKind::inventory && !judged.is_device(part);
    if (group.verdict != report.verdict || !other || clauses.size() >= kMostItems) continue;
    clauses.push_back(part == "campaign" ? brief_of(group) : part + " " + brief_of(group));
  }
  return clauses;
}

// What was planned is not what was run.
std::string_view how_far(const Case& judged) {
  if (judged.attempts().empty()) return "ran nothing of";
  for (const PlannedStep& step : judged.plan().steps) {
    for (const std::string& device : step.devices) {
      if (!step.drill && judged.unfinished(step.id, device)) return "ran a part of";
    }
  }
  return "ran";
}

}  // namespace

std::string headline_of(const Case& judged, const Report& report,
                        const std::vector<CauseGroup>& groups) {
  if (report.verdict == Verdict::pass) return pass_line(judged, report);
  std::vector<std::string> clauses = other_clauses(judged, report, groups);
  clauses.insert(clauses.begin(), DeviceClause(report, groups).text());
  clauses.insert(clauses.begin(), inventory_clause(report, groups));
  std::erase(clauses, "");
  return fmt::format("{}: {}", name(report.verdict), fmt::join(clauses, "; "));
}

std::string scope_of(const Case& judged) {
  const Plan& plan = judged.plan();
  return fmt::format("{} {}; {}; {}", how_far(judged), stages_of(plan),
                     plan.stages_left_out.empty()
                         ? "left out nothing"
                         : fmt::format("left out {}", fmt::join(plan.stages_left_out, ", ")),
                     memory_text(judged));
}

}  // namespace rackproof
