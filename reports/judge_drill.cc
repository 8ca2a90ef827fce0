// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_drill.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reports/statistics.h"

namespace rackproof {
namespace {

// The steps of one stressor on one device, in the plan's order.
struct Family {
  std::string device, stressor;
  std::vector<const PlannedStep*> drills, loads;
  bool loaded = false, drilled_before = false, drilled_after = false;

  void take(const PlannedStep& step) {
    if (!step.drill) {
      loads.push_back(&step);
      loaded = true;
      drilled_after = false;
      return;
    }
    drills.push_back(&step);
    drilled_before = drilled_before || !loaded;
    drilled_after = true;
  }
};

std::vector<Family> families_of(const Plan& plan) {
  std::vector<Family> families;
  std::map<std::pair<std::string, std::string>, std::size_t> index;
  for (const PlannedStep& step : plan.steps) {
    for (const std::string& device : step.devices) {
      const auto [at, fresh] = index.try_emplace({device, step.stressor}, families.size());
      if (fresh) families.push_back({device, step.stressor, {}});
      families[at->second].take(step);
    }
  }
  return families;
}

class DrillJudge {
 public:
  DrillJudge(const Case& judged, const Family& family) : case_(judged), family_(family) {
    row_.device = family.device;
    row_.stressor = family.stressor;
  }

  DrillResult run() {
    if (family_.drills.empty()) {
      lack("no drill is planned");
    } else if (family_.loaded && !family_.drilled_before) {
      lack("no drill is planned before its first load step");
    } else if (family_.loaded && !family_.drilled_after) {
      lack("no drill is planned after its last load step");
    }
    for (const PlannedStep* drill : family_.drills) take(*drill);
    for (const PlannedStep* load : family_.loads) {
      for (const Attempt* attempt : case_.of(load->id, family_.device)) add_unannounced(*attempt);
    }
    row_.lower_bound_95 = success_lower_bound_95(row_.detected, row_.activated);
    row_.verdict = row_.reason.empty() ? Verdict::pass : Verdict::incomplete;
    if (!row_.reason.empty()) row_.reason = "unproven: " + row_.reason;
    return std::move(row_);
  }

  /// The lack is only that steps did not end, which they say themselves.
  [[nodiscard]] bool follows() const { return follows_; }

 private:
  // A lack of the drill itself is told before one that follows from a step that did not end.
  void lack(const std::string& what, bool follows = false) {
    if (!row_.reason.empty() && (follows || !follows_)) return;
    row_.reason = what;
    follows_ = follows;
  }

  void take(const PlannedStep& drill) {
    const auto& attempts = case_.of(drill.id, family_.device);
    for (const Attempt* attempt : attempts) add(*attempt);
    if (drill.faults.empty()) return lack(drill.id + " plans no fault");
    if (attempts.empty()) return lack(drill.id + " never ran", true);
    const bool whole = std::any_of(attempts.begin(), attempts.end(), [](const Attempt* attempt) {
      return attempt->finished() && attempt->faults.all_committed;
    });
    if (!whole)
      return lack(shortfall(drill, *attempts.back()), case_.unfinished(drill.id, family_.device));
    check_sites(drill, attempts);
  }

  void add(const Attempt& attempt) {
    const FaultMatch& faults = attempt.faults;
    row_.injected += faults.injected;
    row_.activated += faults.activated;
    row_.detected += faults.detected;
    row_.localised += faults.localised;
    if (!faults.missed.empty()) {
      lack(fmt::format("blind detector: {} of {} faults in {} were not found, first {}",
                       faults.missed.size(), faults.activated, attempt.task->step,
                       faults.missed.front()));
    }
  }

  // How many of them a load had room for is chance; whether those were found is not.
  void add_unannounced(const Attempt& attempt) {
    row_.unannounced += attempt.faults.activated;
    add(attempt);
  }

  static std::string shortfall(const PlannedStep& drill, const Attempt& last) {
    if (!last.faults.all_committed)
      return fmt::format("{} of {} planned faults of {} were committed", last.faults.injected,
                         drill.faults.size(), drill.id);
    return fmt::format("{} ended as {}", drill.id, outcome_text(last.task->outcome));
  }

  void check_sites(const PlannedStep& drill, const std::vector<const Attempt*>& attempts) {
    for (const PlannedFault& fault : drill.faults) {
      const bool proven = std::any_of(attempts.begin(), attempts.end(), [&](const Attempt* a) {
        return a->faults.proven_sites.contains(fault.site);
      });
      if (!proven)
        lack(fmt::format("no fault at site {} took effect in {}", name(fault.site), drill.id));
    }
  }

  const Case& case_;
  const Family& family_;
  DrillResult row_;
  bool follows_ = false;
};

}  // namespace

std::vector<DrillResult> judge_drills(const Case& judged, Causes& causes) {
  std::vector<DrillResult> rows;
  for (const Family& family : families_of(judged.plan())) {
    DrillJudge judge(judged, family);
    rows.push_back(judge.run());
    const DrillResult& row = rows.back();
    if (row.verdict == Verdict::pass) continue;
    const std::string step = family.drills.empty() ? "" : family.drills.front()->id;
    causes.push_back({row.verdict,
                      CauseKind::unproven,
                      row.device,
                      step,
                      row.stressor + " " + row.reason,
                      {},
                      judge.follows()});
  }
  return rows;
}

}  // namespace rackproof
