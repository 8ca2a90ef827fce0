// SPDX-License-Identifier: Apache-2.0
#include "reports/page_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "reports/judge_test_support.h"
#include "reports/page_html_text.h"
#include "reports/page_html_viewer.h"
#include "reports/report.h"

namespace rackproof::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kHostile = "</script><img src=x onerror=alert(1)>{{style}}\"'&";

const Json kInventory = {{"host", {{"hostname", "n1"}}}, {"devices", Json::array()}};

Json report_of(const Campaign& c) { return to_json(c.judged(), c.plan, c.evidence); }

std::string page_of(const Json& report, const PlotData& plots = {}) {
  return page_html({report, kInventory, plots, "abcd ef01", "ECDSA P-256", ""});
}

// Each text in the report, whatever its place, but those that name something known.
void make_hostile(Json& value) {
  static const std::set<std::string> kWords{"verdict", "unit", "rule", "schema"};
  for (auto& [key, member] : value.items()) {
    if (member.is_string() && (value.is_array() || !kWords.contains(key)))
      member = member.get<std::string>() + kHostile;
    else if (member.is_structured())
      make_hostile(member);
  }
}

// Not HasSubstr, which would print the whole page.
bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(PageHtml, ShowsWhatMiscomparesHaveInCommon) {
  Campaign c = healthy();
  EXPECT_FALSE(has(page_of(report_of(c)), "id=\"miscompares\""));
  WindowRecord& window = c.task(kLoad).windows[0];
  window.findings = {{.burst = 1, .core = 3, .element = 8, .expected = 0, .got = 4, .address = 64},
                     {.burst = 1, .core = 3, .element = 8, .expected = 0, .got = 4}};
  window.miscompares = 2;
  const std::string page = page_of(report_of(c));
  EXPECT_TRUE(has(page, "id=\"miscompares\""));
  EXPECT_TRUE(has(page, "always bit 2, to 1; always element 8; core 3"));
  EXPECT_TRUE(has(page, "address 0000000000000040"));
}

TEST(PageHtml, TellsTheDurationToTheSecond) {
  Json report = report_of(healthy());
  report["run"]["duration_s"] = 171.1;
  EXPECT_TRUE(has(page_of(report), "2 min 51 s"));
}

TEST(PageHtml, SaysTheVerdictBeforeAllElse) {
  const std::string page = page_of(report_of(healthy()));
  EXPECT_THAT(page, StartsWith("<!doctype html>"));
  EXPECT_TRUE(has(page, "<h1>PASS</h1>"));
  EXPECT_LT(page.find("<h1>PASS"), page.find("id=\"problems\""));
  EXPECT_TRUE(has(page, "<use href=\"#icon-pass\"/>"));
}

TEST(PageHtml, HoldsEveryRowWithoutAScript) {
  const Json report = report_of(healthy(8));
  const std::string page = page_of(report);
  EXPECT_EQ(count_of(page, "<tr class="), report["criteria"].size());
  EXPECT_EQ(count_of(page, "<li class=\"pass\" data-device"), report["devices"].size());
  EXPECT_TRUE(has(page, "Limits of demo/02 compute.gemm dtype=fp32"));
}

TEST(PageHtml, ShowsEachProblemWithItsNextStepAndCommand) {
  Campaign c = healthy(4);
  c.throughput("d3", 60);
  const Json report = report_of(c);
  const std::string page = page_of(report);
  ASSERT_FALSE(report["problems"].empty());
  for (const Json& problem : report["problems"]) {
    EXPECT_TRUE(has(page, escaped(problem["evidence"].get<std::string>())));
    EXPECT_TRUE(has(page, escaped(problem["next_step"].get<std::string>())));
    EXPECT_TRUE(has(page, escaped(problem.value("command", ""))));
  }
}

TEST(PageHtml, OpensOnlyTheStepsInTrouble) {
  Campaign c = healthy(24);
  EXPECT_EQ(count_of(page_of(report_of(c)), "<details class=\"group\" open>"), 0u);
  c.throughput("d3", 60);
  EXPECT_EQ(count_of(page_of(report_of(c)), "<details class=\"group\" open>"), 1u);
}

TEST(PageHtml, ShowsValueLimitAndMarginWithUnits) {
  Campaign c = healthy(4);
  for (PlannedCriterion& p : c.plan.criteria) {
    if (p.metric == "throughput") p.unit = Unit::flops;
  }
  const std::string page = page_of(report_of(c));
  EXPECT_TRUE(has(page, "≥ 90 FLOP/s"));
  EXPECT_TRUE(has(page, "<td class=\"num\">+11.1 %</td>"));
}

TEST(PageHtml, NoTextOfTheEvidenceIsMarkup) {
  Campaign c = healthy(4);
  c.throughput("d3", 60);
  c.evidence.events.push_back(event("kernel_log", "fatal", "d1", "lost"));
  Json report = report_of(c);
  make_hostile(report);
  const std::string page = page_of(report);
  EXPECT_FALSE(has(page, "<img"));
  EXPECT_FALSE(has(page, "</script><"));
  EXPECT_TRUE(has(page, "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;{{style}}"));
  EXPECT_EQ(count_of(page, "</script>"), 2u);
  EXPECT_EQ(report_in_page(page, "report.html").value(), report);
}

TEST(PageHtml, SurvivesAReportOfWrongTypes) {
  const Json report = report_of(healthy(2));
  for (const auto& [key, member] : report.items()) {
    for (const Json& wrong : {Json(), Json(7), Json("x"), Json{{"a", 1}}, Json{1, "x", Json{}}}) {
      Json broken = report;
      broken[key] = wrong;
      EXPECT_THAT(page_of(broken), HasSubstr("</html>")) << key << " " << wrong;
    }
  }
  EXPECT_THAT(page_of(Json::object()), HasSubstr("names no verdict"));
}

TEST(PageHtml, IsTheSameEachTime) {
  const Json report = report_of(healthy(4));
  EXPECT_EQ(page_of(report), page_of(report));
}

TEST(PageHtml, LetsNothingButItsOwnBlocksRun) {
  PlotData plots;
  plots.at_s = {0, 1};
  plots.series.push_back({"t", "celsius", 0, {1, 2}, {1, 2}, {1, 2}, {1, 1}});
  const std::string page = page_of(report_of(healthy()), plots);
  EXPECT_TRUE(has(page, "default-src &#39;none&#39;"));
  EXPECT_FALSE(has(page, "unsafe-inline"));
  EXPECT_TRUE(has(page, escaped(policy_hash(viewer_script()))));
  EXPECT_TRUE(has(page, escaped(policy_hash(plot_script()))));
  EXPECT_FALSE(has(page.substr(0, page.find("<script>")), " style=\""));
  EXPECT_FALSE(has(page, "sourceMappingURL"));
  EXPECT_TRUE(has(page, "Permission is hereby granted, free of charge"));
}

TEST(PageHtml, JoinsTheModulesIntoOne) {
  EXPECT_FALSE(has(viewer_script(), "\nimport "));
  EXPECT_FALSE(has(viewer_script(), "\nexport "));
  EXPECT_TRUE(has(viewer_script(), "class Telemetry"));
}

TEST(PageHtml, SaysThatABundleIsUnsigned) {
  const Json report = report_of(healthy());
  EXPECT_THAT(page_html({report, kInventory, {}, "", "", ""}),
              HasSubstr("This bundle is unsigned."));
  EXPECT_THAT(page_of(report), HasSubstr("abcd ef01"));
}

TEST(PageHtml, EventsComeWorstFirstWithTheirNextStep) {
  Campaign c = healthy();
  c.evidence.events = {event("telemetry", "info", "", "began"),
                       event("kernel_log", "fatal", "d1", "fell off the bus")};
  Json report = report_of(c);
  report["events"][1]["next_step"] = "reseat it";
  const std::string page = page_of(report);
  EXPECT_LT(page.find("fell off the bus"), page.rfind("began"));
  EXPECT_TRUE(has(page, "Next: reseat it"));
}

TEST(PageHtml, APciTreeThatIsItsOwnParentEnds) {
  const Json loop{{"bdf", "0000:00:00.0"}, {"parent", "0000:00:00.0"}, {"name", "loop"}};
  const Json self{{"bdf", ""}, {"parent", ""}, {"name", "nameless"}};
  const Json inventory{{"host", {{"hostname", "n1"}, {"pci", {loop, self}}}}};
  const Json report = report_of(healthy());
  EXPECT_THAT(page_html({report, inventory, {}, "", "", ""}), HasSubstr("nameless"));
}

TEST(PageText, EscapesMarkupControlsAndTurnedWriting) {
  EXPECT_EQ(escaped("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(escaped(std::string("a\x1b[31m\0z", 8)), "a\uFFFD[31m\uFFFDz");
  EXPECT_EQ(escaped("exe\u202Egpj\u2066x"), "exe\uFFFDgpj\uFFFDx");
  EXPECT_EQ(escaped("\u2013 \u00b5"), "\u2013 \u00b5");
}

TEST(PageText, WhatIsFilledInIsNotFilledAgain) {
  EXPECT_EQ(fill("<{{a}}|{{b}}|{{none}}>", {{"a", "{{b}}"}, {"b", "2"}}), "<{{b}}|2|>");
}

TEST(PageText, NothingInAJsonBlockEndsIt) {
  EXPECT_EQ(json_block(Json("</script><!--")), "\"\\u003c/script>\\u003c!--\"");
}

}  // namespace
}  // namespace rackproof::testing
