// SPDX-License-Identifier: Apache-2.0
#include "reports/prove_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reports/judge_case.h"
#include "reports/judge_faults.h"
#include "reports/statistics.h"

namespace rackproof {
namespace {

constexpr std::size_t kMissedShown = 20;

// Elements of a gemm's result; 0 for other work.
std::uint64_t result_elements(const std::string& work) {
  std::istringstream in(work);
  std::string kind, in_type, acc_type;
  std::uint64_t m = 0, n = 0;
  in >> kind >> in_type >> acc_type >> m >> n;
  return in && kind == "gemm" ? m * n : 0;
}

bool active(const FaultRecord& fault) {
  return std::any_of(fault.flips.begin(), fault.flips.end(),
                     [](const FaultRecord::Flip& flip) { return flip.before != flip.after; });
}

std::string site_text(const PlannedStep& step) {
  return step.faults.empty() ? "" : std::string(name(step.faults.front().site));
}

// "dtype=fp32 operands=exact", of what a prove plan varies: the words of the step's name between
// stressor and site.
std::string params_text(const PlannedStep& step) {
  std::string text;
  for (const char* key : {"dtype", "operands", "direction"}) {
    const auto found = step.params.find(key);
    if (found != step.params.end())
      text += (text.empty() ? "" : " ") + std::string(key) + "=" + found->second;
  }
  return text;
}

class Counter {
 public:
  Counter(const Plan& plan, const Evidence& evidence, const std::vector<std::string>& classes)
      : case_(plan, evidence), classes_(classes) {
    for (const Comparator& comparator : comparators()) {
      for (const std::string& fault_class : classes) {
        if (versus_of(comparator, fault_class) == nullptr)
          table_.versus.push_back({std::string(comparator.name), fault_class});
      }
    }
  }

  ProveTable run() {
    const auto& steps = case_.plan().steps;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      for (const std::string& device : steps[i].devices) add(steps[i], classes_.at(i), device);
    }
    return std::move(table_);
  }

 private:
  void add(const PlannedStep& step, const std::string& fault_class, const std::string& device) {
    ProveRow row{device, step.stressor, params_text(step), site_text(step), fault_class};
    row.count.planned = count_of(step.faults);
    const auto& attempts = case_.of(step.id, device);
    if (attempts.empty()) row.problem = "never ran";
    for (const Attempt* attempt : attempts) take(*attempt, row);
    table_.rows.push_back(std::move(row));
  }

  void take(const Attempt& attempt, ProveRow& row) {
    const TaskRecord& task = *attempt.task;
    if (task.outcome == Outcome::unsupported) {
      row.unsupported = task.detail;
      return;
    }
    const FaultMatch& match = attempt.faults;
    if (!attempt.finished())
      row.problem = outcome_text(task.outcome) + (task.detail.empty() ? "" : ": " + task.detail);
    else if (!match.all_committed)
      row.problem = "not every planned fault was committed";
    row.count.add({0, match.injected, match.activated, match.detected, match.localised});
    if (row.problem.empty() && row.count.activated == 0)
      row.problem = "no fault took effect, so nothing is proven";
    const std::size_t shown = std::min(match.missed.size(), kMissedShown);
    row.missed.insert(row.missed.end(), match.missed.begin(),
                      match.missed.begin() + static_cast<std::ptrdiff_t>(shown));
    table_.unexplained += match.miscompares + match.late_answers;
    for (const WindowRecord& window : task.windows) take(window, row.fault_class);
  }

  void take(const WindowRecord& window, const std::string& fault_class) {
    for (const WorkTally& tally : window.work) {
      if (tally.faulted) continue;
      table_.clean_bursts += tally.bursts;
      const bool wrong =
          tally.digest && tally.expected && tally.digest->value != tally.expected->value;
      if (wrong) table_.unexplained += tally.bursts;
    }
    for (const FaultRecord& fault : window.faults) compare(window, fault, fault_class);
  }

  // Only what they look at is counted: the result of a product.
  void compare(const WindowRecord& window, const FaultRecord& fault,
               const std::string& fault_class) {
    const std::uint64_t elements = result_elements(fault.work);
    const bool product =
        fault.site == name(FaultSite::result) || fault.site == name(FaultSite::operand);
    if (elements == 0 || !product || !active(fault)) return;
    std::vector<const Finding*> findings;
    for (const Finding& finding : window.findings) {
      if (finding.burst == fault.burst && finding.element < elements) findings.push_back(&finding);
    }
    const bool ours = detected(window, fault);
    for (const Comparator& comparator : comparators()) {
      VersusRow& row = *versus_of(comparator, fault_class);
      const bool theirs = sees(comparator, fault, findings);
      ++row.faults;
      row.missed += theirs ? 0 : 1;
      row.only_it += theirs && !ours ? 1 : 0;
    }
  }

  VersusRow* versus_of(const Comparator& comparator, const std::string& fault_class) {
    const auto found =
        std::find_if(table_.versus.begin(), table_.versus.end(), [&](const auto& row) {
          return row.comparator == comparator.name && row.fault_class == fault_class;
        });
    return found == table_.versus.end() ? nullptr : &*found;
  }

  Case case_;
  const std::vector<std::string>& classes_;
  ProveTable table_;
};

}  // namespace

double ProveCount::lower_bound_95() const { return success_lower_bound_95(detected, activated); }

void ProveCount::add(const ProveCount& other) {
  planned += other.planned;
  injected += other.injected;
  activated += other.activated;
  detected += other.detected;
  localised += other.localised;
}

ProveCount ProveTable::total(const std::string& fault_class) const {
  ProveCount sum;
  for (const ProveRow& row : rows) {
    if (row.fault_class == fault_class && row.unsupported.empty()) sum.add(row.count);
  }
  return sum;
}

double ProveTable::false_alarm_bound_95() const {
  return 1 -
         success_lower_bound_95(clean_bursts - std::min(clean_bursts, unexplained), clean_bursts);
}

bool ProveTable::whole() const {
  return std::all_of(rows.begin(), rows.end(), [](const ProveRow& row) {
    return row.problem.empty() || !row.unsupported.empty();
  });
}

ProveTable prove_table(const Plan& plan, const Evidence& evidence,
                       const std::vector<std::string>& classes) {
  return Counter(plan, evidence, classes).run();
}

}  // namespace rackproof
