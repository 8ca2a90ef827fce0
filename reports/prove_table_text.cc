// SPDX-License-Identifier: Apache-2.0
// A prove campaign's table as text and as data.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>
#include <vector>

#include "reports/prove_table.h"

namespace rackproof {
namespace {

Json count_json(const ProveCount& count) {
  return Json{{"planned", count.planned},
              {"injected", count.injected},
              {"activated", count.activated},
              {"detected", count.detected},
              {"localised", count.localised},
              {"missed", count.missed()},
              {"lower_bound_95", count.lower_bound_95()}};
}

Json row_json(const ProveRow& row) {
  Json json = count_json(row.count);
  json["device"] = row.device;
  json["stressor"] = row.stressor;
  json["params"] = row.params;
  json["site"] = row.site;
  json["class"] = row.fault_class;
  if (!row.unsupported.empty()) json["unsupported"] = row.unsupported;
  if (!row.problem.empty()) json["problem"] = row.problem;
  if (!row.missed.empty()) json["first_missed"] = row.missed;
  return json;
}

Json versus_json(const VersusRow& row) {
  return Json{{"comparator", row.comparator},
              {"class", row.fault_class},
              {"faults", row.faults},
              {"missed", row.missed},
              {"seen_by_it_alone", row.only_it}};
}

std::vector<std::string> classes_of(const ProveTable& table) {
  std::vector<std::string> classes;
  for (const ProveRow& row : table.rows) {
    if (std::find(classes.begin(), classes.end(), row.fault_class) == classes.end())
      classes.push_back(row.fault_class);
  }
  return classes;
}

std::string count_text(const ProveCount& count) {
  return fmt::format("{:>9}{:>9}{:>9}{:>8}   >= {:.4f} %", count.activated, count.detected,
                     count.localised, count.missed(), 100 * count.lower_bound_95());
}

// Rows that differ in their parameters alone, together.
struct Lines {
  std::vector<std::pair<std::string, ProveCount>> rows;
  ProveCount& of(const std::string& name) {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.first == name; });
    if (found != rows.end()) return found->second;
    rows.emplace_back(name, ProveCount{});
    return rows.back().second;
  }
};

std::string class_text(const ProveTable& table, const std::string& fault_class) {
  Lines lines;
  for (const ProveRow& row : table.rows) {
    if (row.fault_class != fault_class || !row.unsupported.empty()) continue;
    lines.of(fmt::format("{:<12} {:<24} {}", row.device, row.stressor, row.site)).add(row.count);
  }
  std::string text;
  for (const auto& [name, count] : lines.rows)
    text += fmt::format("  {:<48}{}\n", name, count_text(count));
  return fmt::format("\n{} faults\n  {:<48}{:>9}{:>9}{:>9}{:>8}   rate at 95 %\n{}  {:<48}{}\n",
                     fault_class, "", "took", "found", "placed", "missed", text, "all",
                     count_text(table.total(fault_class)));
}

// One line for all that a stressor cannot do on a device for the same reason.
std::string not_tried_text(const ProveTable& table) {
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<const ProveRow*>> alike;
  for (const ProveRow& row : table.rows) {
    if (!row.unsupported.empty())
      alike[{row.device, row.stressor, row.unsupported}].push_back(&row);
  }
  std::string text;
  for (const auto& [key, rows] : alike) {
    const ProveRow& first = *rows.front();
    const std::string what =
        rows.size() > 1 ? fmt::format("({} steps)", rows.size())
                        : fmt::format("{} {} {}", first.params, first.site, first.fault_class);
    text += fmt::format("not tried: {} {} {}: {}\n", first.device, first.stressor, what,
                        first.unsupported);
  }
  return text;
}

std::string troubles_text(const ProveTable& table) {
  std::string text = not_tried_text(table);
  for (const ProveRow& row : table.rows) {
    const std::string where = fmt::format("{} {} {} {} {}", row.device, row.stressor, row.params,
                                          row.site, row.fault_class);
    if (row.unsupported.empty() && !row.problem.empty())
      text += fmt::format("not whole: {}: {}\n", where, row.problem);
    for (const std::string& missed : row.missed)
      text += fmt::format("missed: {}: {}\n", where, missed);
  }
  return text.empty() ? "" : "\n" + text;
}

std::string versus_text(const ProveTable& table) {
  std::string text =
      "\nOther comparators on the same faults, in results and operands of products\n";
  for (const VersusRow& row : table.versus) {
    if (row.faults == 0) continue;
    text += fmt::format("  {:<52}{:<14}{:>8} of {:>7} missed ({:.2f} %), seen by it alone {}\n",
                        row.comparator, row.fault_class, row.missed, row.faults,
                        100 * static_cast<double>(row.missed) / static_cast<double>(row.faults),
                        row.only_it);
  }
  return text;
}

}  // namespace

Json to_json(const ProveTable& table) {
  Json rows = Json::array(), totals = Json::object(), versus = Json::array();
  for (const ProveRow& row : table.rows) rows.push_back(row_json(row));
  for (const std::string& fault_class : classes_of(table))
    totals[fault_class] = count_json(table.total(fault_class));
  for (const VersusRow& row : table.versus) versus.push_back(versus_json(row));
  return Json{{"schema", "rackproof/prove/1"},
              {"rows", std::move(rows)},
              {"totals", std::move(totals)},
              {"clean_bursts", table.clean_bursts},
              {"unexplained_findings", table.unexplained},
              {"false_alarm_rate_upper_bound_95", table.false_alarm_bound_95()},
              {"versus", std::move(versus)}};
}

std::string describe(const ProveTable& table, bool versus) {
  std::string text;
  for (const std::string& fault_class : classes_of(table)) text += class_text(table, fault_class);
  text += fmt::format(
      "\nClean bursts between them: {}, findings without a fault {} (false alarms below {:.4g} % "
      "with 95 % "
      "confidence)\n",
      table.clean_bursts, table.unexplained, 100 * table.false_alarm_bound_95());
  return text + (versus ? versus_text(table) : "") + troubles_text(table);
}

}  // namespace rackproof
