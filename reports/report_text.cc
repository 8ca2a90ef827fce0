// SPDX-License-Identifier: Apache-2.0
// The page that the terminal shows: verdict first, then what to do, then what it rests on.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "reports/report.h"

namespace rackproof {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kProblemsShown = 20;
constexpr std::size_t kRowsShown = 40;

// Breaks at spaces; lines after the first begin with `indent` blanks.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::istringstream words(text);
  std::string word, out;
  std::size_t column = indent;
  while (words >> word) {
    const bool first = out.empty();
    if (!first && column + 1 + word.size() > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

std::string shortened(const std::string& text, std::size_t width) {
  return text.size() <= width ? text : text.substr(0, width - 3) + "...";
}

std::string problems_text(const Report& report) {
  std::string text;
  const std::size_t shown = std::min(report.problems.size(), kProblemsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const Problem& p = report.problems[i];
    text += fmt::format("  {:<10} {}\n             {}\n             next: {}\n", name(p.verdict),
                        wrapped(p.part, 13), wrapped(p.evidence, 13), wrapped(p.next_step, 19));
  }
  if (shown < report.problems.size())
    text += fmt::format("  ... and {} more, all in report.json\n", report.problems.size() - shown);
  return text.empty() ? "" : "\nProblems, worst first\n" + text;
}

std::string unmeasured(const CriterionResult& row) { return row.counts() ? "-" : "- (optional)"; }

std::string limit_text(const CriterionResult& row) {
  const PlannedCriterion& c = row.criterion;
  if (c.rule == Rule::peers) return fmt::format("within {:.3g} % of peers", 100 * c.min_effect);
  if (!c.limit) return std::string(name(c.rule));
  return fmt::format("{} {}", name(c.rule), format(*c.limit, c.unit));
}

// One limit on many devices is one line: the worst of them and the range of the values.
struct Measured {
  const CriterionResult* worst_row = nullptr;
  std::size_t rows = 0;
  std::optional<double> least, most;

  void take(const CriterionResult& row) {
    ++rows;
    const bool graver =
        worst_row == nullptr || (worst(worst_row->verdict, row.verdict) != worst_row->verdict);
    if (graver) worst_row = &row;
    if (!row.value) return;
    least = least ? std::min(*least, *row.value) : *row.value;
    most = most ? std::max(*most, *row.value) : *row.value;
  }
  [[nodiscard]] std::string range() const {
    if (!least) return unmeasured(*worst_row);
    const Unit unit = worst_row->criterion.unit;
    if (*least == *most) return format(*least, unit);
    return fmt::format("{} ... {}", format(*least, unit), format(*most, unit));
  }
};

std::string criteria_text(const Report& report) {
  std::map<std::string, Measured> groups;
  std::vector<std::string> order;
  for (const CriterionResult& row : report.criteria) {
    const PlannedCriterion& c = row.criterion;
    const std::string key =
        fmt::format("{}\n{}\n{}\n{}", c.id, c.step, limit_text(row), row.counts());
    const auto [at, fresh] = groups.try_emplace(key);
    if (fresh) order.push_back(key);
    at->second.take(row);
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(order.size(), kRowsShown); ++i) {
    const Measured& m = groups.at(order[i]);
    const CriterionResult& row = *m.worst_row;
    text += fmt::format(
        "  {:<10} {}\n             {:<44} {:<24} x{}\n", name(row.verdict),
        shortened(row.criterion.step.empty() ? row.criterion.id : row.criterion.step, kWidth - 13),
        shortened(row.criterion.metric + " " + m.range(), 44), shortened(limit_text(row), 24),
        m.rows);
  }
  if (order.size() > kRowsShown)
    text += fmt::format("  ... and {} more, all in report.json\n", order.size() - kRowsShown);
  return text.empty()
             ? "\nMeasured: no limit was applied\n"
             : "\nMeasured (worst of the devices; least ... greatest; limit; devices)\n" + text;
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
    text += fmt::format("  {:<10} {:<40} {:>7.4g} % of {:>6.4g} % required{}\n",
                        name(entry.first->verdict), shortened(what, 40), 100 * entry.first->share,
                        100 * entry.first->demand.required,
                        entry.second > 1 ? fmt::format(", least of {}", entry.second) : "");
  }
  return text.empty() ? "\nCoverage: the plan demands none\n" : "\nCoverage\n" + text;
}

struct DrillSum {
  std::uint64_t activated = 0, detected = 0;
  std::size_t devices = 0, proven = 0;
  double least_bound = 1;
};

std::string drill_text(const Report& report) {
  std::map<std::string, DrillSum> sums;
  for (const DrillResult& row : report.drill) {
    DrillSum& sum = sums[row.stressor];
    sum.activated += row.activated;
    sum.detected += row.detected;
    sum.devices += 1;
    sum.proven += row.verdict == Verdict::pass ? 1 : 0;
    sum.least_bound = std::min(sum.least_bound, row.lower_bound_95);
  }
  std::string text;
  for (const auto& [stressor, sum] : sums) {
    text +=
        fmt::format("  {:<30} {} of {} faults found, {} of {} devices proven, each >= {:.3g} %\n",
                    shortened(stressor, 30), sum.detected, sum.activated, sum.proven, sum.devices,
                    100 * sum.least_bound);
  }
  if (text.empty()) return "\nDrill: none, so nothing proves that the detectors work\n";
  return "\nDrill (deliberate faults; last figure: 95 % lower bound of one device's detection "
         "rate)\n" +
         text;
}

std::string exposure_text(const Exposure& e) {
  std::string text =
      fmt::format("{:.4g} device-hours under load, {} miscompares, {} fatal events, {} failures. ",
                  e.device_hours, e.miscompares, e.events, e.failures);
  if (e.device_hours > 0) {
    text += fmt::format(
        "With 90 % confidence the mean time between failures of one device is above {:.3g} h, and "
        "no "
        "more than that can be said from this run. ",
        e.mtbf_lower_bound_90_h);
  }
  text += "A burn-in is a screen: it finds parts that are bad now, and proves nothing about years.";
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
  return text + problems_text(report) + criteria_text(report) + coverage_text(report) +
         drill_text(report) + exposure_text(report.exposure);
}

}  // namespace rackproof
