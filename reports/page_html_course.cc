// SPDX-License-Identifier: Apache-2.0
// What went on: steps, telemetry, coverage, drill, exposure, events.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "reports/page_html_fields.h"
#include "reports/page_html_marks.h"
#include "reports/page_html_sections.h"
#include "reports/page_html_text.h"

namespace rackproof {
namespace {

constexpr std::size_t kEventsOpen = 20;

std::string task_row(const std::string& who, const Json& task) {
  return "<tr><td>" + verdict_mark(text(task, "verdict")) + "</td>" + cell(text(task, "step")) +
         cell(who) + cell(text(task, "outcome")) + cell(amount(task, "attempts"), "num") +
         cell(text(task, "reason"), "why") + "</tr>\n";
}

// One row for all that passed on their first attempt in one step, one for each other task.
std::string step_rows(const Json& report) {
  std::vector<const Json*> firsts;
  std::map<std::string, std::size_t> alike;
  std::string rest;
  for (const Json& task : rows(report, "tasks")) {
    const bool plain = text(task, "verdict") == name(Verdict::pass) &&
                       number(task, "attempts").value_or(0) <= 1 && text(task, "reason").empty();
    if (!plain) {
      rest += task_row(text(task, "device"), task);
    } else if (++alike[text(task, "step") + "\n" + text(task, "outcome")] == 1) {
      firsts.push_back(&task);
    }
  }
  std::string markup;
  for (const Json* task : firsts) {
    const std::size_t n = alike[text(*task, "step") + "\n" + text(*task, "outcome")];
    markup += task_row(n == 1 ? text(*task, "device") : fmt::format("{} devices", n), *task);
  }
  return rest + markup;
}

std::string share(const Json& row, const char* key) { return amount(row, key, Unit::ratio); }

std::string coverage_row(const Json& row) {
  return "<tr><td>" + verdict_mark(text(row, "verdict")) + "</td>" + cell(text(row, "name")) +
         cell(text(row, "device")) + cell(share(row, "share"), "num") +
         cell(share(row, "required"), "num") + cell(text(row, "reason"), "why") + "</tr>\n";
}

std::string drill_row(const Json& row) {
  return "<tr><td>" + verdict_mark(text(row, "verdict")) + "</td>" + cell(text(row, "stressor")) +
         cell(text(row, "device")) + cell(amount(row, "injected"), "num") +
         cell(amount(row, "activated"), "num") + cell(amount(row, "detected"), "num") +
         cell(amount(row, "localised"), "num") + cell(amount(row, "unannounced"), "num") +
         cell("≥ " + share(row, "lower_bound_95"), "num") + cell(text(row, "reason"), "why") +
         "</tr>\n";
}

int rank(const Json& event) {
  const std::string severity = text(event, "severity");
  return severity == "fatal" ? 0 : severity == "warning" ? 1 : 2;
}

std::string event_row(const Json& event) {
  const std::string severity = text(event, "severity");
  const auto at_s = number(event, "at_s");
  const auto count = number(event, "count").value_or(1);
  const std::string part = text(event, "part");
  std::string row = fmt::format(
      "<tr data-verdict=\"{0}\"><td><span class=\"mark severity-{1}\">{0}"
      "</span></td>",
      escaped(severity), rank(event));
  row += cell(at_s ? fmt::format("{:.1f}", *at_s) : "–", "num");
  row += cell(text(event, "kind")) + cell(text(event, "cause"));
  row += cell(part.empty() ? text(event, "device") : part) + cell(text(event, "step"));
  row += cell(fmt::format("{:.10g}", count), "num");
  row += "<td class=\"why\">" + escaped(text(event, "text"));
  const std::string next = text(event, "next_step");
  if (!next.empty()) row += " <span class=\"next\">Next: " + escaped(next) + "</span>";
  return row + "</td></tr>\n";
}

std::string sensor_row(const Json& row) {
  const Unit unit = unit_of(row);
  const bool counter = flag(row, "counter");
  std::string said = text(row, "error");
  if (number(row, "count").value_or(0) == 0 && said.empty()) said = "nothing was read";
  return "<tr>" + cell(text(row, "sensor")) + cell(text(row, "device")) +
         cell(amount(row, "min", unit), "num") + cell(amount(row, "median", unit), "num") +
         cell(amount(row, "max", unit), "num") +
         cell(counter ? amount(row, "rise", unit) : "", "num") + cell(amount(row, "count"), "num") +
         cell(amount(row, "errors"), "num") + cell(said, "why") + "</tr>\n";
}

std::string kernel_log_line(const Json& report) {
  const Json& log = field(report, "kernel_log");
  if (!log.is_object()) return "<p>The kernel log was not watched.</p>\n";
  const std::string records = amount(log, "records");
  std::string line = fmt::format("Kernel log: {} line{} read, {} lost", records,
                                 records == "1" ? "" : "s", amount(log, "lost"));
  line += flag(log, "proven") ? "; a line of rackproof's own came back: it was read"
                              : "; that it was read is not proven";
  if (number(log, "errors").value_or(0) > 0) line += "; " + amount(log, "errors") + " errors";
  return "<p>" + escaped(line) + ".</p>\n";
}

std::string notes_of(const PlotData& plots) {
  std::string items;
  for (const std::string& note : plots.notes) items += "<li>" + escaped(note) + "</li>\n";
  if (items.empty()) return {};
  return "<div class=\"notice\"><p>Not all of the full-rate telemetry could be read; what it holds "
         "is not in the plots:</p>\n<ul>" +
         items + "</ul></div>\n";
}

}  // namespace

std::string steps_part(const Json& report) {
  const std::string body = step_rows(report);
  if (body.empty()) return section("steps", "Steps", "<p>Nothing was run.</p>\n");
  const bool trouble =
      std::any_of(rows(report, "tasks").begin(), rows(report, "tasks").end(),
                  [](const Json& task) { return text(task, "verdict") != name(Verdict::pass); });
  return section("steps", "Steps",
                 folded(trouble, "What ran on which device, and how it ended",
                        table("Steps", "Verdict|Step|Device|Outcome|>Attempts|Reason", body)));
}

std::string telemetry_part(const Json& report, const PlotData& plots) {
  std::string body = kernel_log_line(report) + notes_of(plots);
  if (plots.empty()) {
    body += "<p>The bundle holds no full-rate telemetry that could be plotted.</p>\n";
  } else {
    body +=
        "<div id=\"plots\"></div>\n<noscript><p>Plots need JavaScript; the table below does "
        "not.</p></noscript>\n";
  }
  std::string sensors;
  for (const Json& row : rows(report, "sensors")) sensors += sensor_row(row);
  if (!sensors.empty()) {
    body += folded(
        false, fmt::format("All {} sensors in numbers", rows(report, "sensors").size()),
        table("Sensors", "Sensor|Device|>Least|>Median|>Greatest|>Rise|>Readings|>Errors|Remark",
              sensors));
  }
  return section("telemetry", "Telemetry", body);
}

std::string coverage_part(const Json& report) {
  std::string body;
  for (const Json& row : rows(report, "coverage")) body += coverage_row(row);
  if (body.empty())
    body = "<p>The profile demands no coverage.</p>\n";
  else
    body = table("Coverage", "Verdict|Of what|Device|>Reached|>Required|Reason", body);
  return section("coverage", "Coverage", body);
}

std::string drill_part(const Json& report) {
  std::string body;
  std::string verdict;
  for (const Json& row : rows(report, "drill")) {
    body += drill_row(row);
    verdict = worse(verdict, text(row, "verdict"));
  }
  if (body.empty()) return section("drill", "Drill", "<p>No detector was proven.</p>\n");
  const std::size_t n = rows(report, "drill").size();
  const std::string summary =
      fmt::format("{} <span class=\"title\">deliberate faults found by {} detector{}</span>",
                  verdict_mark(verdict), n, n == 1 ? "" : "s");
  return section(
      "drill", "Drill",
      folded(verdict != name(Verdict::pass) || n <= kEventsOpen, summary,
             table("Drill",
                   "Verdict|Detector|Device|>Injected|>Took effect|>Found|>Placed|>Unannounced|"
                   ">Rate at 95 %|Reason",
                   body)));
}

std::string exposure_part(const Json& report) {
  const Json& row = field(report, "exposure");
  if (!row.is_object()) return section("exposure", "Exposure", "<p>Not stated.</p>\n");
  std::string list = fact("Device-hours under load", amount(row, "device_hours"));
  list += fact("Miscompares", amount(row, "miscompares"));
  list += fact("Fatal events", amount(row, "fatal_events"));
  list += fact("Failures", amount(row, "failures"));
  const auto hours = number(row, "mtbf_lower_bound_90_h");
  list += fact("Mean time between failures of one device, with 90 % confidence",
               hours ? fmt::format("above {:.4g} h", *hours) : "–");
  return section("exposure", "Exposure",
                 "<dl class=\"facts\">\n" + list +
                     "</dl>\n<p>A burn-in is a screen: it finds parts that are bad now, and proves "
                     "nothing about years. Without attested boot, a host under its administrator's "
                     "control can lie.</p>\n");
}

std::string events_part(const Json& report) {
  std::vector<const Json*> events;
  for (const Json& event : rows(report, "events")) events.push_back(&event);
  if (events.empty()) return section("events", "Events", "<p>None were recorded.</p>\n");
  std::stable_sort(events.begin(), events.end(),
                   [](const Json* a, const Json* b) { return rank(*a) < rank(*b); });
  std::string body;
  for (const Json* event : events) body += event_row(*event);
  const bool open = events.size() <= kEventsOpen || rank(*events.front()) == 0;
  return section(
      "events", "Events",
      "<div id=\"events-tools\"></div>\n" +
          folded(open, fmt::format("{} events, worst first", events.size()),
                 table("Events", "Severity|>Time in s|Kind|Cause|Part|Step|>Count|What happened",
                       body)));
}

}  // namespace rackproof
