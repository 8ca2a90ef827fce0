// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace rackproof {
namespace {

constexpr const char* kRead =
    "find out why it cannot be read; a profile can do without it by 'required: false'";

// Of everything that ran.
struct LoadTimes {
  double begin_s = std::numeric_limits<double>::infinity(), end_s = 0;
  bool any = false;

  explicit LoadTimes(const Evidence& evidence) {
    for (const TaskRecord& task : evidence.tasks) {
      any = true;
      begin_s = std::min(begin_s, task.start_s);
      end_s = std::max({end_s, task.start_s, task.end_s});
    }
  }
};

class ConditionJudge {
 public:
  ConditionJudge(const Case& judged, const ConditionDemand& demand, const LoadTimes& load)
      : evidence_(judged.evidence()), load_(load) {
    row_.demand = demand;
    for (const ConditionRecord& record : evidence_.conditions) {
      if (is_of(record, demand)) row_.looks.push_back(record);
    }
  }

  ConditionResult run() {
    row_.verdict = Verdict::pass;
    if (!bad() && !changed() && !unknown()) missing();
    return std::move(row_);
  }

 private:
  void set(Verdict verdict, std::string reason, std::string remedy) {
    row_.verdict = verdict;
    row_.reason = std::move(reason);
    row_.remedy = std::move(remedy);
  }

  bool bad() {
    for (const ConditionRecord& look : row_.looks) {
      if (look.state != ConditionState::bad) continue;
      set(Verdict::invalid,
          fmt::format("{} {}{}", look.found, look.when,
                      look.wanted.empty() ? "" : ", wanted " + look.wanted),
          look.remedy);
      if (!look.detail.empty()) row_.reason += " (" + look.detail + ")";
      return true;
    }
    return false;
  }

  bool changed() {
    if (!row_.demand.steady) return false;
    const ConditionRecord* first = nullptr;
    for (const ConditionRecord& look : row_.looks) {
      if (look.state != ConditionState::good) continue;
      if (first == nullptr) first = &look;
      if (look.found == first->found) continue;
      set(Verdict::invalid,
          fmt::format("changed during the run: {}, then {}", first->found, look.found),
          "leave the setting alone while it runs");
      return true;
    }
    return false;
  }

  bool unknown() {
    for (const ConditionRecord& look : row_.looks) {
      if (look.state == ConditionState::good) continue;
      set(Verdict::incomplete, fmt::format("{} {}: {}", name(look.state), look.when, look.detail),
          kRead);
      return true;
    }
    return false;
  }

  void missing() {
    const auto looked = [&](auto when) {
      return std::any_of(row_.looks.begin(), row_.looks.end(), when);
    };
    if (!looked([&](const auto& look) { return look.at_s <= load_.begin_s; })) {
      set(Verdict::incomplete, "was not looked at before the load", kRead);
    } else if (load_.any && !looked([&](const auto& look) { return look.at_s >= load_.end_s; })) {
      set(Verdict::incomplete, "was not looked at after the load", kRead);
    }
  }

  const Evidence& evidence_;
  const LoadTimes& load_;
  ConditionResult row_;
};

std::string text_of(const ConditionResult& row) { return row.demand.name + ": " + row.reason; }

std::string brief_of(const ConditionResult& row) {
  for (const ConditionRecord& look : row.looks) {
    if (look.state == ConditionState::bad) return row.demand.name + " " + look.found;
  }
  return row.demand.name + " changed during the run";
}

}  // namespace

std::vector<ConditionResult> judge_environment(const Case& judged) {
  const LoadTimes load(judged.evidence());
  std::vector<ConditionResult> rows;
  for (const ConditionDemand& demand : judged.plan().environment)
    rows.push_back(ConditionJudge(judged, demand, load).run());
  return rows;
}

Causes causes_of(const std::vector<ConditionResult>& rows) {
  Causes causes;
  for (const ConditionResult& row : rows) {
    if (!row.counts() || row.verdict == Verdict::pass) continue;
    const bool bad = row.verdict == Verdict::invalid;
    causes.push_back({row.verdict,
                      bad ? CauseKind::environment : CauseKind::not_covered,
                      row.demand.part,
                      {},
                      text_of(row),
                      bad ? brief_of(row) : row.demand.name + " not known"});
    causes.back().next_step =
        bad && !row.remedy.empty() ? row.remedy + "; then run again" : row.remedy;
  }
  return causes;
}

std::string spoiled_by(const std::vector<ConditionResult>& rows, const std::string& device) {
  for (const ConditionResult& row : rows) {
    const auto& devices = row.demand.devices;
    const bool here = std::find(devices.begin(), devices.end(), device) != devices.end();
    if (here && row.counts() && row.verdict == Verdict::invalid) return text_of(row);
  }
  return "";
}

}  // namespace rackproof
