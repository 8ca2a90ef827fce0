// SPDX-License-Identifier: Apache-2.0
#include "runner/telemetry_alarms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace rackproof {
namespace {

constexpr std::size_t kLongestText = 500;
constexpr std::size_t kMostPending = 1000;  // different ones in a window; more share one event
constexpr std::string_view kOurs = "rackproof: ";

bool alarming(const std::string& severity) { return severity == "warning" || severity == "fatal"; }

std::string shortened(std::string text) {
  if (text.size() <= kLongestText) return text;
  std::size_t end = kLongestText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "...";
}

std::string without_function(const std::string& bdf) { return bdf.substr(0, bdf.rfind('.')); }

std::string rise_text(const SensorWindows::Taken& taken) {
  const SensorWindow& window = taken.window;
  std::string text =
      fmt::format("{} rose by {:.10g} to {:.10g}", window.sensor, window.rise, taken.last);
  if (window.resets > 0) text += fmt::format(", begun anew {} times", window.resets);
  if (!taken.label.empty()) text += " (" + taken.label + ")";
  return text;
}

}  // namespace

Alarms::Alarms(std::vector<DeviceInfo> devices, Note note, ClassOf class_of, Classify classify)
    : devices_(std::move(devices)),
      note_(std::move(note)),
      class_of_(std::move(class_of)),
      classify_(std::move(classify)) {}

// A GPU's fault names the slot; which of its functions says so does not matter.
std::string Alarms::device_at(const std::string& part, const std::string& cause) const {
  const bool slot = cause.starts_with("gpu.");
  const auto found = std::ranges::find_if(devices_, [&](const DeviceInfo& device) {
    if (device.bdf.empty() || part.empty()) return false;
    return device.bdf == part || (slot && without_function(device.bdf) == without_function(part));
  });
  return found == devices_.end() ? "" : found->id;
}

void Alarms::rose(const SensorWindows::Taken& taken, const std::string& step) {
  const SensorWindow& window = taken.window;
  if (!window.counter || !(window.rise > 0)) return;
  const CounterClass means = class_of_(window.sensor);
  if (!alarming(means.severity)) return;
  EventRecord event;
  event.at_s = window.start_s + window.length_s;
  event.kind = "counter";
  event.severity = means.severity;
  event.device = device_at(means.part, means.cause);
  event.step = step;
  event.text = shortened(rise_text(taken));
  event.cause = means.cause;
  event.part = means.part.empty() ? window.sensor : means.part;
  event.next_step = means.next_step;
  event.count = static_cast<std::uint64_t>(std::max(1.0, std::min(std::round(window.rise), 1e15)));
  note(std::move(event));
}

bool Alarms::minds(std::string_view sensor) const { return alarming(class_of_(sensor).severity); }

bool Alarms::logged(const KernelRecord& record, double at_s, const std::string& step) {
  if (!record.from_kernel() && record.text.starts_with(kOurs)) return false;
  const auto means = classify_(record);
  if (!means) return false;
  const bool room = logged_.size() < kMostPending;
  const std::string part = room ? means->part : "";
  const auto [at, fresh] = logged_.try_emplace(Alike{means->cause, means->severity, part, step});
  EventRecord& event = at->second;
  if (!fresh) {
    ++event.count;
    return alarming(event.severity);
  }
  event.at_s = at_s;
  event.kind = "kernel_log";
  event.severity = means->severity;
  event.device = device_at(part, means->cause);
  event.step = step;
  event.text = shortened(means->text.empty() ? record.text : means->text);
  event.cause = means->cause;
  event.part = part;
  event.next_step = means->next_step;
  return alarming(event.severity);
}

void Alarms::close_window() {
  std::vector<EventRecord> events;
  for (auto& [key, event] : std::exchange(logged_, {})) events.push_back(std::move(event));
  std::ranges::stable_sort(events, {}, &EventRecord::at_s);
  for (EventRecord& event : events) note(std::move(event));
}

// However many there are, the first fatal one of a part names it.
void Alarms::note(EventRecord event) {
  const bool fatal = event.severity == "fatal";
  const bool named = fatal && fatal_parts_.size() < kMostPending &&
                     fatal_parts_.emplace(event.cause, event.part).second;
  std::uint64_t& noted = noted_[{event.cause, event.severity}];
  if (noted >= kMostAlike && !named) return;
  if (++noted == kMostAlike) {
    event.text +=
        fmt::format("; the {}th of this cause: more of it are not told one by one", kMostAlike);
  }
  note_(event);
}

}  // namespace rackproof
