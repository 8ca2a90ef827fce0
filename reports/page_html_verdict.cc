// SPDX-License-Identifier: Apache-2.0
// The page's first screen: the verdict, what failed and what to do, the devices.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/page_html_fields.h"
#include "reports/page_html_marks.h"
#include "reports/page_html_sections.h"
#include "reports/page_html_text.h"

namespace rackproof {
namespace {

constexpr std::size_t kPartsListed = 8;

std::string meaning(const std::string& word) {
  const auto verdict = verdict_from_name(word);
  if (!verdict) return "This report names no verdict that is known here.";
  switch (*verdict) {
    case Verdict::pass:
      return "Everything required was measured and holds, and every detector was shown to detect.";
    case Verdict::fail:
      return "A limit is broken, a result was wrong, a fatal event came, or hardware is wrong or "
             "missing.";
    case Verdict::marginal:
      return "Nothing failed, but a value lies within its uncertainty of a limit.";
    case Verdict::incomplete:
      return "Something required was not measured or not covered, or a detector was not proven.";
    case Verdict::invalid:
      return "The environment spoiled the measurement, or a value is physically impossible.";
    case Verdict::error:
      return "rackproof or a driver failed; this says nothing about the hardware.";
  }
  return {};
}

std::string list_of(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::string stages_of(const Json& profile) {
  const std::string left_out = list_of(texts(profile, "stages_left_out"));
  const std::string ran = list_of(texts(profile, "stages"));
  return left_out.empty() ? ran : ran + " (left out: " + left_out + ")";
}

// "2 h 3 min", "58.1 s"
std::string duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return {};
  if (seconds < 120) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long long>(std::min(seconds, 1e12));
  const auto minutes = whole / 60;
  if (minutes < 120) return fmt::format("{} min {} s", minutes, whole % 60);
  return fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

std::string run_facts(const PageFacts& facts) {
  const Json& run = field(facts.report, "run");
  const Json& profile = field(facts.report, "profile");
  std::string list = fact(
      "Profile", fmt::format("{} revision {}", text(profile, "name"), amount(profile, "revision")));
  list += fact("Stages", stages_of(profile));
  list += fact("Devices", fmt::format("{}", rows(facts.report, "devices").size()));
  list += fact("Run", text(run, "run_id"));
  list += fact("Started", text(run, "started"));
  list += fact("Ended", text(run, "ended"));
  list += fact("Duration", duration(number(run, "duration_s").value_or(NAN)));
  list += fact("Station", text(run, "station"));
  list += fact("Operator", text(run, "operator"));
  list += fact("Attempt", amount(run, "attempt"));
  list += fact("Customer's nonce", text(run, "nonce"));
  list += fact("Made by", "rackproof " + text(run, "tool_version"));
  list += fact("Signed with key",
               facts.fingerprint.empty() ? "none: this bundle is unsigned" : facts.fingerprint);
  return "<dl class=\"facts\">\n" + list + "</dl>\n";
}

// Of many parts the first ones, the others folded away.
std::string parts_of(const Json& problem) {
  const std::vector<std::string> parts = texts(problem, "parts");
  if (parts.size() <= kPartsListed) return escaped(text(problem, "part"));
  std::string all;
  for (const std::string& part : parts) all += "<li>" + escaped(part) + "</li>";
  return folded(false, escaped(text(problem, "part")), "<ul class=\"parts\">" + all + "</ul>");
}

std::string command_of(const Json& problem) {
  const std::string command = text(problem, "command");
  if (command.empty()) return {};
  return fmt::format("<pre class=\"command\"><code>{}</code></pre>", escaped(command));
}

std::string problem_item(const Json& problem) {
  return fmt::format(
      "<li class=\"problem {}\">\n<h3>{} {}</h3>\n<p>{}</p>\n"
      "<p class=\"next\"><strong>Next:</strong> {}</p>\n{}</li>\n",
      verdict_class(text(problem, "verdict")), verdict_mark(text(problem, "verdict")),
      parts_of(problem), escaped(text(problem, "evidence")), escaped(text(problem, "next_step")),
      command_of(problem));
}

std::string device_item(const Json& row) {
  return fmt::format("<li class=\"{}\" data-device=\"{}\"><span>{}</span> {}</li>\n",
                     verdict_class(text(row, "verdict")), escaped(text(row, "device")),
                     escaped(text(row, "device")), verdict_mark(text(row, "verdict")));
}

}  // namespace

std::string verdict_part(const PageFacts& facts) {
  const std::string word = text(facts.report, "verdict");
  const std::string css = verdict_class(word);
  std::string part = fmt::format("<header class=\"verdict {}\">\n", css);
  part += fmt::format(
      "<svg class=\"icon\" viewBox=\"0 0 64 64\" aria-hidden=\"true\"><use href=\"#icon-{}\"/>"
      "</svg>\n<div>\n<p class=\"kind\">rackproof qualification report</p>\n"
      "<h1>{}</h1>\n<p class=\"meaning\">{}</p>\n</div>\n</header>\n",
      css, escaped(word), meaning(word));
  part += fmt::format("<p class=\"headline\">{}</p>\n", escaped(text(facts.report, "headline")));
  const std::string scope = text(facts.report, "scope");
  if (!scope.empty()) part += fmt::format("<p class=\"scope\">Scope: {}</p>\n", escaped(scope));
  if (flag(field(facts.report, "run"), "interrupted"))
    part += "<p class=\"scope\"><strong>The run was interrupted.</strong></p>\n";
  return part + run_facts(facts);
}

std::string problems_part(const Json& report) {
  std::string items;
  for (const Json& problem : rows(report, "problems")) items += problem_item(problem);
  if (items.empty()) {
    const bool pass = text(report, "verdict") == name(Verdict::pass);
    return section("problems", "What failed",
                   pass ? "<p>Nothing.</p>\n" : "<p>The report names no problem.</p>\n");
  }
  return section("problems", "What failed, and the next step",
                 "<ol class=\"problems\">\n" + items + "</ol>\n");
}

std::string devices_part(const Json& report) {
  std::string items;
  for (const Json& row : rows(report, "devices")) items += device_item(row);
  if (items.empty()) return section("devices", "Devices", "<p>No device took part.</p>\n");
  return section("devices", "Devices", "<ul class=\"devices\">\n" + items + "</ul>\n");
}

}  // namespace rackproof
