// SPDX-License-Identifier: Apache-2.0
// The page that the terminal shows: verdict first, then what to do, then what it rests on.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reports/judge_problems.h"
#include "reports/page_criteria.h"
#include "reports/page_events.h"
#include "reports/page_layout.h"
#include "reports/report.h"

namespace rackproof {
namespace {

constexpr std::size_t kProblemsShown = 20, kConditionsShown = 20;

std::string shortened(const std::string& text, std::size_t width) {
  return text.size() <= width ? text : text.substr(0, width - 3) + "...";
}

std::string problem_text(const Problem& p) {
  std::string text =
      fmt::format("  {:<10} {}\n             {}\n             next: {}\n", name(p.verdict),
                  wrapped(p.part, 13), wrapped(p.evidence, 13), wrapped(p.next_step, 19));
  if (!p.command.empty())
    text += fmt::format("                   {}\n", wrapped_command(p.command, 19));
  return text;
}

std::string problems_text(const Report& report) {
  std::string text;
  const std::size_t shown = std::min(report.problems.size(), kProblemsShown);
  for (std::size_t i = 0; i < shown; ++i) text += problem_text(report.problems[i]);
  if (shown < report.problems.size())
    text += fmt::format("  ... and {} more, all in report.json\n", report.problems.size() - shown);
  return text.empty() ? "" : "\nProblems, worst first\n" + text;
}

std::string demand_text(double required) {
  return required == 0 ? "and none required"
                       : fmt::format("of {:>6.4g} % required", 100 * required);
}

std::string coverage_text(const Report& report) {
  std::map<std::string, std::pair<const CoverageResult*, std::size_t>> least;
  for (const CoverageResult& row : report.coverage) {
    auto& [lowest, rows] = least[row.demand.name];
    ++rows;
    const bool graver = lowest == nullptr ||
                        worst(lowest->verdict, row.verdict) != lowest->verdict ||
                        (row.verdict == lowest->verdict && row.share < lowest->share);
    if (graver) lowest = &row;
  }
  std::string text;
  for (const auto& [what, entry] : least) {
    text += fmt::format(
        "  {:<10} {:<30} {:>7.4g} % {}{}\n", name(entry.first->verdict), shortened(what, 30),
        100 * entry.first->share, demand_text(entry.first->demand.required),
        entry.second > 1
            ? fmt::format(", least of {}: {}", entry.second, entry.first->demand.device)
            : "");
  }
  return text.empty() ? "\nCoverage: the plan demands none\n" : "\nCoverage\n" + text;
}

// Those that hold are counted, the others told one by one.
std::string environment_text(const Report& report) {
  if (report.environment.empty()) return "\nEnvironment: the profile demands nothing of it\n";
  std::string text;
  std::size_t good = 0, told = 0;
  for (const ConditionResult& row : report.environment) {
    if (row.verdict == Verdict::pass) ++good;
    if (row.verdict == Verdict::pass || told++ >= kConditionsShown) continue;
    text += fmt::format("  {:<10} {}\n", name(row.verdict),
                        wrapped(fmt::format("{} {}{}: {}", row.demand.part, row.demand.name,
                                            row.counts() ? "" : " (not required)", row.reason),
                                13));
  }
  if (told > kConditionsShown)
    text += fmt::format("  ... and {} more, all in report.json\n", told - kConditionsShown);
  return fmt::format("\nEnvironment: {} of {} conditions hold\n{}", good, report.environment.size(),
                     text);
}

struct DrillSum {
  std::uint64_t activated = 0, detected = 0, unannounced = 0;
  std::size_t proven = 0;
  std::vector<std::string> unproven;
  double least_bound = 1;  ///< of the proven

  void take(const DrillResult& row) {
    activated += row.activated;
    detected += row.detected;
    unannounced += row.unannounced;
    if (row.verdict != Verdict::pass) return unproven.push_back(row.device);
    ++proven;
    least_bound = std::min(least_bound, row.lower_bound_95);
  }
  [[nodiscard]] std::string text() const {
    std::string text = fmt::format("{} of {} faults found", detected, activated);
    if (unannounced > 0) text += fmt::format(" ({} of them unannounced)", unannounced);
    text += fmt::format(", {} of {} devices proven", proven, proven + unproven.size());
    if (proven > 0) text += fmt::format(", each >= {:.3g} %", 100 * least_bound);
    if (unproven.empty() || proven == 0) return text;
    return text + "; unproven: " + name_parts(unproven);
  }
};

std::string drill_text(const Report& report) {
  std::map<std::string, DrillSum> sums;
  for (const DrillResult& row : report.drill) sums[row.stressor].take(row);
  std::string text;
  for (const auto& [stressor, sum] : sums) {
    text += fmt::format("  {:<24} {}\n", shortened(stressor, 24), wrapped(sum.text(), 27));
  }
  if (text.empty()) return "\nDrill: none, so nothing proves that the detectors work\n";
  return "\nDrill (deliberate faults; last figure: 95 % lower bound of one device's detection "
         "rate)\n" +
         text;
}

std::string bound_text(const Exposure& e) {
  if (!(e.device_hours > 0)) return "Nothing follows from it about failures. ";
  return fmt::format(
      "With 90 % confidence the mean time between failures of one device is above {} ({:.3g} h); "
      "this run can show no more. ",
      format(e.mtbf_lower_bound_90_h * 3600, Unit::second), e.mtbf_lower_bound_90_h);
}

std::string exposure_text(const Exposure& e) {
  const std::string text =
      fmt::format("{:.4g} device-hours under load, {} miscompares, {} fatal events, {} failures. ",
                  e.device_hours, e.miscompares, e.events, e.failures) +
      bound_text(e) +
      "A burn-in is a screen: it finds parts that are bad now, and proves nothing about years. "
      "Without attestation, a host under root's control can lie.";
  return "\nExposure\n  " + wrapped(text, 2) + "\n";
}

}  // namespace

std::string describe(const Report& report, const Plan& plan, const Evidence& evidence) {
  std::string text = wrapped(report.headline, 2) + "\n";
  text += "Scope: " + wrapped(report.scope, 7) + "\n";
  text += wrapped(fmt::format("Profile {} revision {}, run {}, {} to {}",
                              plan.profile.empty() ? "(none)" : plan.profile, plan.profile_revision,
                              evidence.genesis.run_id, evidence.genesis.started,
                              evidence.ended.empty() ? "(no end recorded)" : evidence.ended),
                  2) +
          "\n";
  return text + problems_text(report) + events_text(evidence) + criteria_text(report, plan) +
         coverage_text(report) + environment_text(report) + watched_text(evidence) +
         drill_text(report) + exposure_text(report.exposure);
}

}  // namespace rackproof
