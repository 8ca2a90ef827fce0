// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "reports/judge_watch.h"

namespace rackproof {
namespace {

constexpr std::string_view kSensor = "sensor ";
constexpr const char* kReadTheLog =
    "run as a user who may read and write /dev/kmsg (root), where no container hides it";
constexpr double kMostOfInstalled = 1.01;  // beyond it the claim, not the memory, is at fault

std::size_t checked_cores(const Case& judged, const std::string& device) {
  std::set<std::uint32_t> cores;
  for (const Attempt& attempt : judged.attempts()) {
    if (attempt.task->device != device || attempt.step == nullptr || attempt.drill()) continue;
    for (const WindowRecord& window : attempt.task->windows) {
      for (const CoreTally& core : window.cores) {
        if (core.iterations > 0 && core.core != kUnknownCore) cores.insert(core.core);
      }
    }
  }
  return cores.size();
}

// Of the device's load, as far as it ran to its end.
std::vector<const WindowRecord*> finished_windows(const Case& judged, const std::string& device) {
  std::vector<const WindowRecord*> windows;
  for (const Attempt& attempt : judged.attempts()) {
    const bool counts = attempt.step != nullptr && !attempt.drill() && attempt.finished();
    if (attempt.task->device != device || !counts) continue;
    for (const WindowRecord& window : attempt.task->windows) windows.push_back(&window);
  }
  return windows;
}

// Peers whose data was checked where it arrived.
std::size_t exercised_links(const Case& judged, const std::string& device) {
  std::set<std::string> peers;
  for (const WindowRecord* window : finished_windows(judged, device)) {
    for (const WorkTally& work : window->work) {
      if (!work.peer.empty() && work.iterations > 0) peers.insert(work.peer);
    }
  }
  return peers.size();
}

// Over the demand's device, or over all of the plan's.
template <class Reach>
double reached(const Case& judged, const std::string& device, Reach reach) {
  if (!device.empty()) return static_cast<double>(reach(judged, device));
  double sum = 0;
  for (const std::string& each : judged.devices()) sum += static_cast<double>(reach(judged, each));
  return sum;
}

class CoverageJudge {
 public:
  CoverageJudge(const Case& judged, const CoverageDemand& demand) : case_(judged) {
    row_.demand = demand;
  }

  CoverageResult run() {
    const std::string& name = row_.demand.name;
    if (name == "memory.installed" || name == "memory.allocatable") {
      memory();
    } else if (name == "cores") {
      count(checked_cores, "cores gave a checked result");
    } else if (name == "links" && row_.demand.whole == 0) {
      row_.reason = "no other device of its kind and back end is on its node";
    } else if (name == "links") {
      count(exercised_links, "links brought checked data");
    } else if (name.starts_with(kSensor)) {
      sensor(name.substr(kSensor.size()));
    } else if (name == "kernel_log") {
      kernel_log();
    } else {
      row_.reason = "this version cannot measure " + name;
    }
    return std::move(row_);
  }

 private:
  void invalid(std::string reason) {
    row_.verdict = Verdict::invalid;
    row_.reason = std::move(reason);
  }

  void decide(const std::string& what) {
    row_.verdict = row_.share >= row_.demand.required ? Verdict::pass : Verdict::incomplete;
    if (row_.verdict == Verdict::pass) return;
    row_.reason = fmt::format("{:.4g} % of {:.4g} % required: {}", 100 * row_.share,
                              100 * row_.demand.required, what);
  }

  void share_of(double amount, const std::string& what) {
    if (!std::isfinite(row_.demand.whole) || row_.demand.whole <= 0) {
      row_.reason = "it is not known how much there is";
      return;
    }
    row_.share = amount / row_.demand.whole;
    decide(fmt::format("{:.6g} of {:.6g} {}", amount, row_.demand.whole, what));
  }

  template <class Reach>
  void count(Reach reach, const std::string& what) {
    share_of(reached(case_, row_.demand.device, reach), what);
    if (row_.share > 1) invalid("more " + what + " than there are");
  }

  void memory() {
    share_of(reached(case_, row_.demand.device, memory_tested_bytes),
             "bytes went through a complete test");
    if (row_.demand.name == "memory.installed" && row_.share > kMostOfInstalled)
      invalid("more memory was tested than is installed");
  }

  void sensor(const std::string& pattern) {
    const Watch watch = watch_of(case_, pattern, row_.demand.device);
    row_.share = watch.share;
    decide(watch.detail);
  }

  // A line that was lost could have been the one that matters, even outside the load.
  void kernel_log() {
    const Watch watch = watch_of_kernel_log(case_);
    row_.share = watch.share;
    decide(watch.detail);
    const auto& windows = case_.evidence().kernel_log;
    const bool gap = std::any_of(windows.begin(), windows.end(), [](const KernelLogWindow& w) {
      return w.lost > 0 || !w.error.empty();
    });
    if (row_.demand.required > 0 && gap) row_.verdict = Verdict::incomplete;
    if (row_.verdict != Verdict::pass || gap || row_.share < 1) row_.reason = watch.detail;
  }

  const Case& case_;
  CoverageResult row_;
};

// Short only because a step that would have reached it did not end.
bool follows_from_a_step(const Case& judged, const CoverageResult& row) {
  const std::string& name = row.demand.name;
  const bool memory = name.starts_with("memory.");
  if (row.verdict != Verdict::incomplete || !(memory || name == "cores" || name == "links"))
    return false;
  const auto& steps = judged.plan().steps;
  return std::any_of(steps.begin(), steps.end(), [&](const PlannedStep& step) {
    const bool reaches = !memory || row.share == 0 || step.stressor.starts_with("memory.");
    return !step.drill && reaches && judged.unfinished(step.id, row.demand.device);
  });
}

}  // namespace

double memory_tested_bytes(const Case& judged, const std::string& device) {
  double most = 0;
  for (const WindowRecord* window : finished_windows(judged, device)) {
    if (std::isfinite(window->memory_tested_bytes))
      most = std::max(most, window->memory_tested_bytes);
  }
  return most;
}

std::vector<CoverageResult> judge_coverage(const Case& judged, Causes& causes) {
  std::vector<CoverageResult> rows;
  for (const CoverageDemand& demand : judged.plan().coverage) {
    rows.push_back(CoverageJudge(judged, demand).run());
    const CoverageResult& row = rows.back();
    if (row.verdict == Verdict::pass) continue;
    causes.push_back({row.verdict,
                      CauseKind::not_covered,
                      demand.device.empty() ? "coverage" : demand.device,
                      {},
                      demand.name + ": " + row.reason,
                      {},
                      follows_from_a_step(judged, row)});
    if (demand.name == "kernel_log") causes.back().next_step = kReadTheLog;
  }
  return rows;
}

}  // namespace rackproof
