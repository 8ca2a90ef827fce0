// SPDX-License-Identifier: Apache-2.0
#include "reports/page_criteria.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "reports/judge_measure.h"
#include "reports/page_layout.h"
#include "reports/page_trouble.h"

namespace rackproof {
namespace {

constexpr std::size_t kPassingStepsShown = 20;
constexpr std::size_t kIndent = 13;

// "63.9 ... 79.9 TOP/s", the unit once where both have the same.
std::string range_text(const std::vector<double>& values, Unit unit) {
  if (values.empty()) return "-";
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  std::string low = format(*least, unit);
  const std::string high = format(*most, unit);
  if (low == high) return low;
  const auto space = low.rfind(' ');
  if (space != std::string::npos && high.ends_with(low.substr(space))) low.resize(space);
  return low + " ... " + high;
}

std::vector<double> values_of(const CriterionRows& rows) {
  std::vector<double> values;
  for (const CriterionResult* row : rows) {
    if (row->value) values.push_back(*row->value);
  }
  return values;
}

std::size_t device_count(const CriterionRows& rows) {
  std::set<std::string> devices;
  for (const CriterionResult* row : rows) devices.insert(row->criterion.device);
  return devices.size();
}

CriterionRows rows_by_rule(const CriterionRows& rows, Rule rule) {
  CriterionRows chosen;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(chosen),
               [&](const CriterionResult* row) { return row->criterion.rule == rule; });
  return chosen;
}

std::string verdict_column(const CriterionRows& rows) {
  std::vector<Verdict> parts;
  for (const CriterionResult* row : rows) {
    if (row->counts()) parts.push_back(row->verdict);
  }
  return fmt::format("  {:<10} ", parts.empty() ? "-" : name(worst(parts)));
}

// A limit, and by how much the worst device holds it.
std::string limit_clause(const CriterionRows& rows, Unit unit) {
  std::vector<double> limits, margins;
  for (const CriterionResult* row : rows) {
    const auto& limit = row->criterion.limit;
    if (!limit) continue;
    limits.push_back(*limit);
    if (!row->value || *limit == 0) continue;
    const double above = (*row->value - *limit) / *limit;
    margins.push_back(row->criterion.rule == Rule::ceiling ? -above : above);
  }
  const Rule rule = rows.front()->criterion.rule;
  if (limits.empty()) return fmt::format("{} not derived", name(rule));
  std::string text = fmt::format("{} {}", name(rule), range_text(limits, unit));
  if (margins.empty() || rule == Rule::equals) return text;
  const double least = 100 * *std::min_element(margins.begin(), margins.end());
  return text + fmt::format(", margin {:+.{}f} %", least, std::fabs(least) < 100 ? 1 : 0);
}

std::string peers_clause(const CriterionRows& rows) {
  const CriterionResult* worst_row = nullptr;
  for (const CriterionResult* row : rows) {
    const bool lower =
        row->peers && (worst_row == nullptr || row->peers->shortfall > worst_row->peers->shortfall);
    if (lower) worst_row = row;
  }
  if (worst_row == nullptr) return "peers not compared";
  return fmt::format("peers: worst {:.1f} % low, {:.3g} % allowed",
                     100 * std::max(0.0, worst_row->peers->shortfall),
                     100 * worst_row->criterion.min_effect);
}

// A ceiling that holds is left out; its worst value counts, not the typical one.
std::string ceiling_clause(const CriterionRows& rows, Unit unit) {
  const bool broken = std::any_of(rows.begin(), rows.end(), [](const CriterionResult* row) {
    return row->verdict != Verdict::pass && row->value;
  });
  if (!broken) return {};
  return fmt::format("{} {}, {}", rows.front()->criterion.statistic,
                     range_text(values_of(rows), unit), limit_clause(rows, unit));
}

struct StepRows {
  std::string title;  ///< none: of a sensor, whose line says it all
  CriterionRows integrity;
  std::vector<std::pair<std::string, CriterionRows>> rates;  ///< by metric

  [[nodiscard]] bool passes() const {
    const auto pass = [](const CriterionResult* row) { return row->verdict == Verdict::pass; };
    return std::all_of(integrity.begin(), integrity.end(), pass) &&
           std::all_of(rates.begin(), rates.end(), [&](const auto& rate) {
             return std::all_of(rate.second.begin(), rate.second.end(), pass);
           });
  }
};

// By metric, in the order of their first rows.
CriterionRows& rows_of(std::vector<std::pair<std::string, CriterionRows>>& lines,
                       const std::string& metric) {
  for (auto& [known, rows] : lines) {
    if (known == metric) return rows;
  }
  return lines.emplace_back(metric, CriterionRows{}).second;
}

std::string short_metric(const std::string& metric) {
  return metric == "late_answers" ? "late" : metric;
}

std::vector<StepRows> by_step(const Report& report) {
  std::vector<StepRows> steps;
  std::map<std::string, std::size_t> index;
  for (const CriterionResult& row : report.criteria) {
    const PlannedCriterion& c = row.criterion;
    const std::string& title = c.step.empty() ? c.id : c.step;
    const auto [at, fresh] = index.try_emplace(title, steps.size());
    const bool sensor = c.step.empty() && c.metric.starts_with("sensor ");
    if (fresh) steps.push_back({sensor ? "" : title, {}, {}});
    StepRows& step = steps[at->second];
    const bool integrity = c.rule == Rule::equals &&
                           (c.integrity || c.metric == "late_answers" || c.metric == "miscompares");
    (integrity ? step.integrity : rows_of(step.rates, c.metric)).push_back(&row);
  }
  return steps;
}

std::string integrity_line(const StepRows& step) {
  if (step.integrity.empty() && step.title.empty()) return "";
  if (step.integrity.empty())
    return std::string(kIndent, ' ') + wrapped(step.title, kIndent) + "\n";
  std::vector<std::pair<std::string, CriterionRows>> metrics;
  for (const CriterionResult* row : step.integrity) {
    rows_of(metrics, row->criterion.metric).push_back(row);
  }
  std::vector<std::string> clauses;
  for (const auto& [metric, rows] : metrics) {
    clauses.push_back(
        fmt::format("{} {}", short_metric(metric), range_text(values_of(rows), Unit::count)));
  }
  const auto by_metric = [](const CriterionResult& row) {
    return short_metric(row.criterion.metric);
  };
  const std::string text = fmt::format("{}: {}{}", step.title, fmt::join(clauses, ", "),
                                       trouble_text(step.integrity, by_metric));
  return verdict_column(step.integrity) + wrapped(text, kIndent) + "\n";
}

// The value that the limit judges: a ceiling's is the greatest and stands in its own clause.
std::vector<double> typical_values(const CriterionRows& rows) {
  for (const Rule rule : {Rule::floor, Rule::peers, Rule::equals, Rule::drift, Rule::ceiling}) {
    const std::vector<double> values = values_of(rows_by_rule(rows, rule));
    if (!values.empty()) return values;
  }
  return {};
}

std::string rate_line(const std::string& metric, const CriterionRows& rows, const Plan& plan) {
  const PlannedCriterion& first = rows.front()->criterion;
  const Unit unit = shown_unit(first, plan.step(first.step));
  std::vector<std::string> clauses{metric + " " + range_text(typical_values(rows), unit)};
  for (const Rule rule : {Rule::floor, Rule::peers, Rule::ceiling, Rule::equals, Rule::drift}) {
    const CriterionRows of_rule = rows_by_rule(rows, rule);
    if (of_rule.empty()) continue;
    clauses.push_back(rule == Rule::peers     ? peers_clause(of_rule)
                      : rule == Rule::ceiling ? ceiling_clause(of_rule, unit)
                                              : limit_clause(of_rule, unit));
  }
  std::erase(clauses, "");
  if (clauses.size() == 1) clauses.emplace_back("the highest; only a ceiling judges it");
  const std::size_t devices = device_count(rows);
  if (devices > 1) clauses.push_back(fmt::format("{} devices", devices));
  const auto by_rule = [](const CriterionResult& row) {
    return std::string(name(row.criterion.rule));
  };
  return verdict_column(rows) + "  " +
         wrapped(fmt::format("{}{}", fmt::join(clauses, ", "), trouble_text(rows, by_rule)),
                 kIndent + 2) +
         "\n";
}

}  // namespace

std::string criteria_text(const Report& report, const Plan& plan) {
  std::string text;
  std::size_t passing = 0;
  for (const StepRows& step : by_step(report)) {
    if (step.passes() && ++passing > kPassingStepsShown) continue;
    text += integrity_line(step);
    for (const auto& [metric, rows] : step.rates) text += rate_line(metric, rows, plan);
  }
  if (passing > kPassingStepsShown)
    text += fmt::format("  ... and {} more steps that PASS, all in report.json\n",
                        passing - kPassingStepsShown);
  if (text.empty()) return "\nMeasured: no limit was applied\n";
  return "\nMeasured (least ... greatest of the devices; margins are those of the worst)\n" + text;
}

}  // namespace rackproof
