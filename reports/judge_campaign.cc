// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_campaign.h"

#include <fmt/format.h>

#include <set>

namespace rackproof {
namespace {

// The detail alone where it says what it is about.
std::string inventory_brief(const InventoryCheck& check) {
  const auto colon = check.name.rfind(": ");
  const std::string what = colon == std::string::npos ? check.name : check.name.substr(colon + 2);
  std::string text = check.detail;
  if (text.empty()) text = fmt::format("expected {}, found {}", check.expected, check.found);
  if (text.find(what) == std::string::npos) text = check.name + ": " + text;
  for (auto at = text.find("; "); at != std::string::npos; at = text.find("; ", at))
    text.replace(at, 2, ", ");
  return text;
}

void judge_inventory(const Plan& plan, Causes& causes) {
  for (const InventoryCheck& check : plan.inventory) {
    if (check.met) continue;
    std::string text = fmt::format("expected {}, found {}", check.expected, check.found);
    if (!check.detail.empty()) text += ": " + check.detail;
    causes.push_back({Verdict::fail,
                      CauseKind::inventory,
                      check.name,
                      {},
                      std::move(text),
                      inventory_brief(check)});
  }
}

std::string event_text(const EventRecord& event) {
  std::string text = fmt::format("{} at {:.1f} s{}{}: {}", event.kind, event.at_s,
                                 event.step.empty() ? "" : " in ", event.step, event.text);
  if (!event.device.empty() && !event.part.empty()) text = event.part + ": " + text;
  if (event.kind == "kernel_log" && event.count > 1)
    text += fmt::format(" ({} times)", event.count);
  return text;
}

void judge_event(const EventRecord& event, Causes& causes) {
  const std::string part = !event.device.empty() ? event.device
                           : event.part.empty()  ? "rack"
                                                 : event.part;
  const std::string text = event_text(event);
  if (event.severity == "fatal") {
    causes.push_back({Verdict::fail, CauseKind::fatal_event, part, {}, text});
    causes.back().next_step = event.next_step;
  } else if (event.severity != "info" && event.severity != "warning") {
    causes.push_back({Verdict::error,
                      CauseKind::machinery,
                      part,
                      {},
                      fmt::format("event of unknown severity '{}': {}", event.severity, text)});
  }
}

void judge_end(const Case& judged, Causes& causes) {
  const Evidence& evidence = judged.evidence();
  const auto add = [&](std::string text) {
    causes.push_back({Verdict::incomplete, CauseKind::campaign, "campaign", {}, std::move(text)});
  };
  if (judged.plan().steps.empty()) add("the plan holds no step");
  if (judged.devices().empty()) add("the plan holds no device");
  if (!evidence.finished) add("the record does not reach the end of the run");
  if (evidence.interrupted) add("the operator stopped the run");
}

// A part that nobody tests must not hide behind those that pass.
void judge_untested(const Plan& plan, Causes& causes) {
  std::set<std::string> loaded;
  for (const PlannedStep& step : plan.steps) {
    if (step.devices.empty()) {
      causes.push_back({Verdict::incomplete,
                        CauseKind::not_measured,
                        "plan",
                        {},
                        step.id + " has no device to run on"});
    }
    if (!step.drill) loaded.insert(step.devices.begin(), step.devices.end());
  }
  for (const std::string& device : plan.devices) {
    if (loaded.contains(device)) continue;
    causes.push_back({Verdict::incomplete,
                      CauseKind::not_measured,
                      device,
                      {},
                      "takes part, but no step of the plan loads it"});
  }
}

}  // namespace

Causes campaign_causes_of(const Case& judged) {
  Causes causes;
  judge_inventory(judged.plan(), causes);
  for (const EventRecord& event : judged.evidence().events) judge_event(event, causes);
  judge_end(judged, causes);
  judge_untested(judged.plan(), causes);
  return causes;
}

}  // namespace rackproof
