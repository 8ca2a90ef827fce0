// SPDX-License-Identifier: Apache-2.0
// Every limit with its value and margin: a folded group a step, open where something is wrong.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "reports/page_html_fields.h"
#include "reports/page_html_marks.h"
#include "reports/page_html_sections.h"
#include "reports/page_html_text.h"

namespace rackproof {
namespace {

constexpr std::size_t kFewRows = 40;    // a report of so few is shown whole
constexpr std::size_t kFewPassing = 8;  // so few need no fold

struct Group {
  std::string title, verdict;
  std::vector<const Json*> rows;
  std::set<std::string> devices;
};

// An optional limit that could not be applied bears on no verdict.
std::string shown_verdict(const Json& row) {
  return flag(row, "counts", true) ? text(row, "verdict") : "not applied";
}

std::vector<Group> groups_of(const Json& report) {
  std::vector<Group> groups;
  std::map<std::string, std::size_t> index;
  for (const Json& row : rows(report, "criteria")) {
    const std::string step = text(row, "step");
    const std::string title = step.empty() ? "Measured by no step" : step;
    const auto [at, fresh] = index.try_emplace(title, groups.size());
    if (fresh) groups.push_back({title, {}, {}, {}});
    Group& group = groups[at->second];
    group.rows.push_back(&row);
    group.devices.insert(text(row, "device"));
    if (flag(row, "counts", true)) group.verdict = worse(group.verdict, text(row, "verdict"));
  }
  return groups;
}

// By how much the value holds its limit, as a share of it; negative: it does not.
std::optional<double> margin_of(const Json& row) {
  const Json& peers = field(row, "peers");
  if (peers.is_object()) {
    const auto shortfall = number(peers, "shortfall"), allowed = number(peers, "min_effect");
    return shortfall && allowed ? std::optional(*allowed - *shortfall) : std::nullopt;
  }
  const auto value = number(row, "value"), limit = number(row, "limit");
  if (!value || !limit || *limit == 0 || text(row, "rule") == "equals") return std::nullopt;
  const double above = (*value - *limit) / std::fabs(*limit);
  return text(row, "rule") == "ceiling" ? -above : above;
}

std::string percent(double share) {
  const double value = 100 * share;
  return fmt::format("{:+.{}f} %", value, std::fabs(value) < 100 ? 1 : 0);
}

std::string limit_of(const Json& row) {
  const Json& peers = field(row, "peers");
  const Unit unit = unit_of(row);
  if (peers.is_object()) {
    return fmt::format("at most {:.3g} % below {} of {}",
                       100 * number(peers, "min_effect").value_or(0), amount(peers, "median", unit),
                       amount(peers, "n"));
  }
  const auto limit = number(row, "limit");
  if (!limit) return "–";
  const std::string rule = text(row, "rule");
  const char* sign = rule == "floor"     ? "≥ "
                     : rule == "ceiling" ? "≤ "
                     : rule == "equals"  ? "= "
                                         : "";
  return sign + format(*limit, unit);
}

std::string value_of(const Json& row) {
  const auto u = number(row, "u");
  const std::string value = amount(row, "value", unit_of(row));
  const auto measured = number(row, "value").value_or(0);
  if (!u || *u <= 0 || measured == 0) return value;
  return fmt::format("{} ± {:.2g} %", value, 100 * *u / std::fabs(measured));
}

std::string what_of(const Json& row) {
  const std::string metric = text(row, "metric"), rule = text(row, "rule");
  if (metric.empty()) return text(row, "id");
  const std::string statistic = text(row, "statistic");
  const std::string where = text(row, "where");
  return metric + (rule == "peers" ? " against peers" : "") +
         (statistic.empty() ? "" : " (" + statistic + ")") + (where.empty() ? "" : ", at " + where);
}

std::string why_of(const Json& row) {
  const std::string reason = text(row, "reason"), source = text(row, "source");
  std::string out;
  if (!reason.empty()) out += fmt::format("<span class=\"reason\">{}</span> ", escaped(reason));
  return out + escaped(source);
}

std::string sort_key(const char* name, const std::optional<double>& value) {
  return value ? fmt::format(" data-{}=\"{:.9g}\"", name, *value) : std::string();
}

std::string criterion_row(const Json& row) {
  const std::string verdict = shown_verdict(row);
  const auto margin = margin_of(row);
  std::string out =
      fmt::format("<tr class=\"{}\" data-verdict=\"{}\" data-device=\"{}\"{}{}>",
                  verdict_class(verdict), escaped(verdict), escaped(text(row, "device")),
                  sort_key("value", number(row, "value")), sort_key("margin", margin));
  out += "<td>" + verdict_mark(verdict) + "</td>";
  out += cell(text(row, "device")) + cell(what_of(row));
  out += cell(value_of(row), "num") + cell(limit_of(row), "num");
  out += cell(margin ? percent(*margin) : "", "num");
  return out + "<td class=\"why\">" + why_of(row) + "</td></tr>\n";
}

std::string least_margin(const Group& group) {
  std::optional<double> least;
  for (const Json* row : group.rows) {
    const auto margin = flag(*row, "counts", true) ? margin_of(*row) : std::nullopt;
    if (margin && (!least || *margin < *least)) least = margin;
  }
  return least ? " · least margin " + percent(*least) : std::string();
}

std::string plural(std::size_t n, const char* word) {
  return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s");
}

std::string group_summary(const Group& group) {
  return fmt::format("{} <span class=\"title\">{}</span> <span class=\"size\">{} · {}{}</span>",
                     verdict_mark(group.verdict.empty() ? "not applied" : group.verdict),
                     escaped(group.title), plural(group.rows.size(), "limit"),
                     plural(group.devices.size(), "device"), least_margin(group));
}

std::string limits_table(const Group& group, const std::string& body) {
  return table("Limits of " + group.title,
               "Verdict|Device|Limit on|>Value|>Limit|>Margin|Reason, source", body);
}

std::vector<const Json*> worst_first(std::vector<const Json*> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const Json* a, const Json* b) {
    const std::string of_a = text(*a, "verdict"), of_b = text(*b, "verdict");
    return of_a != of_b && worse(of_a, of_b) == of_a;
  });
  return rows;
}

bool passes(const Json& row) {
  return !flag(row, "counts", true) || text(row, "verdict") == name(Verdict::pass);
}

// Of a group in trouble, what is not PASS comes first, and the many others are folded.
std::string group_markup(const Group& group, bool few) {
  std::string passing, others;
  std::size_t n = 0;
  for (const Json* row : worst_first(group.rows)) {
    (passes(*row) ? passing : others) += criterion_row(*row);
    n += passes(*row) ? 1 : 0;
  }
  std::string body;
  if (others.empty() || n <= kFewPassing) {
    body = limits_table(group, others + passing);
  } else {
    const std::string summary = plural(n, "more limit") + " of this step, not broken";
    body =
        limits_table(group, others) + folded(false, summary, limits_table(group, passing), "rest");
  }
  return folded(few || !others.empty(), group_summary(group), body, "group");
}

}  // namespace

std::string criteria_part(const Json& report) {
  const std::vector<Group> groups = groups_of(report);
  if (groups.empty()) return section("criteria", "Limits", "<p>No limit was applied.</p>\n");
  const bool few = rows(report, "criteria").size() <= kFewRows;
  std::string body = "<div id=\"criteria-tools\"></div>\n";
  for (const Group& group : groups) body += group_markup(group, few);
  return section("criteria", "Limits", body);
}

}  // namespace rackproof
