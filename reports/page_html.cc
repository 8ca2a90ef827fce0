// SPDX-License-Identifier: Apache-2.0
#include "reports/page_html.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reports/page_html_fields.h"
#include "reports/page_html_sections.h"
#include "reports/page_html_text.h"
#include "reports/page_html_viewer.h"

namespace rackproof {
namespace {

constexpr std::string_view kReportBegin = "<script type=\"application/json\" id=\"report-data\">";
constexpr std::string_view kBlockEnd = "</script>";

// Plots are of no use without data, and dygraphs is the larger part of a small page.
std::string scripts_of(const PageFacts& facts) {
  std::string blocks;
  if (!facts.plots.empty()) blocks += "<script>" + plot_script() + "</script>\n";
  return blocks + "<script type=\"module\">" + viewer_script() + "</script>\n";
}

// No network, no frames, no forms: only the very blocks that are in this page.
std::string policy_of(const PageFacts& facts, std::string_view style) {
  std::string scripts = policy_hash(viewer_script());
  if (!facts.plots.empty()) scripts += " " + policy_hash(plot_script());
  return fmt::format(
      "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; "
      "form-action 'none'",
      scripts, policy_hash(style));
}

std::string title_of(const Json& report) {
  return fmt::format("{}: {} – rackproof", text(report, "verdict"),
                     text(field(report, "run"), "station"));
}

std::string data_of(const PageFacts& facts) {
  std::string blocks = std::string(kReportBegin) + json_block(facts.report) + "</script>\n";
  if (facts.plots.empty()) return blocks;
  return blocks + "<script type=\"application/json\" id=\"plot-data\">" +
         json_block(to_json(facts.plots)) + "</script>\n";
}

std::string notice_of(const PageFacts& facts) {
  if (facts.notice.empty()) return {};
  return "<p class=\"notice\" role=\"note\">" + escaped(facts.notice) + "</p>\n";
}

std::string body_of(const PageFacts& facts) {
  const Json& report = facts.report;
  return notice_of(facts) + verdict_part(facts) + problems_part(report) + devices_part(report) +
         miscompares_part(report) + criteria_part(report) + steps_part(report) +
         telemetry_part(report, facts.plots) + coverage_part(report) + environment_part(report) +
         drill_part(report) + exposure_part(report) + events_part(report) +
         inventory_part(report, facts.inventory) + verify_part(facts);
}

}  // namespace

std::string page_html(const PageFacts& facts) {
  const std::string style = "\n" + std::string(page_style());
  return fill(page_template(), {{"policy", escaped(policy_of(facts, style))},
                                {"title", escaped(title_of(facts.report))},
                                {"style", style},
                                {"body", body_of(facts)},
                                {"data", data_of(facts)},
                                {"scripts", scripts_of(facts)}});
}

Expected<Json> report_in_page(std::string_view page, const std::string& file) {
  const std::string_view block = between(page, kReportBegin, kBlockEnd);
  if (block.empty()) return tl::unexpected(Error{"no page of rackproof: it holds no report", file});
  return parse_json(block, file);
}

}  // namespace rackproof
