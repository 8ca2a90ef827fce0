// SPDX-License-Identifier: Apache-2.0
// The environment: each demanded condition with what was found of it before and after the load.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reports/page_html_fields.h"
#include "reports/page_html_marks.h"
#include "reports/page_html_sections.h"
#include "reports/page_html_text.h"

namespace rackproof {
namespace {

std::string looks_text(const Json& row) {
  std::string all;
  for (const Json& look : rows(row, "looks")) {
    const std::string found = text(look, "found");
    all += fmt::format("{}{}: {}", all.empty() ? "" : "; ", text(look, "when"),
                       found.empty() ? text(look, "state") : found);
  }
  return all;
}

std::string wanted_text(const Json& row) {
  for (const Json& look : rows(row, "looks")) {
    if (!text(look, "wanted").empty()) return text(look, "wanted");
  }
  return text(row, "wanted");
}

std::string condition_row(const Json& row) {
  const std::string remedy = text(row, "remedy");
  std::string why = text(row, "reason");
  if (!remedy.empty()) why += "; to do: " + remedy;
  const std::string part = text(row, "part") + (flag(row, "required", true) ? "" : " (optional)");
  return "<tr><td>" + verdict_mark(text(row, "verdict")) + "</td>" + cell(text(row, "name")) +
         cell(part) + cell(looks_text(row)) + cell(wanted_text(row)) + cell(why, "why") + "</tr>\n";
}

}  // namespace

std::string environment_part(const Json& report) {
  std::string body;
  for (const Json& row : rows(report, "environment")) body += condition_row(row);
  if (body.empty()) {
    body = "<p>The profile demands nothing of the environment.</p>\n";
  } else {
    body = table("Environment", "Verdict|Condition|Of|Found|Wanted|Reason", body);
  }
  return section("environment", "Environment", body);
}

}  // namespace rackproof
