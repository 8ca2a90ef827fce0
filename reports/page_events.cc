// SPDX-License-Identifier: Apache-2.0
#include "reports/page_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "reports/kernel_log_sum.h"
#include "reports/page_layout.h"

namespace rackproof {
namespace {

constexpr std::size_t kIndent = 11;

struct Alike {
  const EventRecord* first = nullptr;
  std::uint64_t told = 0, count = 0;
};

int rank(const std::string& severity) {
  if (severity == "info") return 2;
  return severity == "warning" ? 1 : 0;
}

// Events of the run's own bookkeeping say nothing to who reads the page.
bool shown(const EventRecord& event) { return event.kind != "note"; }

std::vector<Alike> grouped(const Evidence& evidence) {
  using Key = std::tuple<std::string, std::string, std::string, std::string, std::string>;
  std::map<Key, std::size_t> index;
  std::vector<Alike> groups;
  for (const EventRecord& event : evidence.events) {
    if (!shown(event)) continue;
    const std::string& what = event.cause.empty() ? event.text : event.cause;
    const Key key{event.kind, event.severity, event.device, event.part, what};
    const auto [at, fresh] = index.try_emplace(key, groups.size());
    if (fresh) groups.push_back({&event, 0, 0});
    ++groups[at->second].told;
    groups[at->second].count += event.count;
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Alike& a, const Alike& b) {
    return rank(a.first->severity) < rank(b.first->severity);
  });
  return groups;
}

std::string line_of(const Alike& alike) {
  const EventRecord& event = *alike.first;
  std::string part = event.part;
  if (!event.device.empty()) part += part.empty() ? event.device : " (" + event.device + ")";
  std::string text = fmt::format("{}{}{}", part, part.empty() ? "" : ": ", event.text);
  text += fmt::format(" ({} at {:.1f} s{})", event.kind, event.at_s,
                      event.step.empty() ? "" : " in " + event.step);
  if (alike.told > 1)
    text += fmt::format("; {} such events, {} in all", alike.told, alike.count);
  else if (event.kind == "kernel_log" && event.count > 1)
    text += fmt::format("; {} times", event.count);
  return fmt::format("  {:<8} {}\n", event.severity, wrapped(text, kIndent));
}

std::string kernel_text(const Evidence& evidence) {
  if (evidence.kernel_log.empty()) return "the kernel log was not read";
  const KernelLogSum sum = kernel_log_sum(evidence);
  if (sum.records == 0 && !sum.error.empty()) return "kernel log not read: " + sum.error;
  std::string text =
      fmt::format("{} {} of the kernel log, {}", sum.records, sum.records == 1 ? "line" : "lines",
                  sum.lost == 0 ? "none lost" : fmt::format("{} LOST", sum.lost));
  text += sum.proven ? ", proven by a line of our own" : ", not proven to be read";
  return sum.error.empty() ? text : text + "; " + sum.error;
}

std::string sensors_text(const Evidence& evidence) {
  std::map<std::string, std::pair<bool, bool>> sensors;  // answered, failed
  for (const SensorWindow& window : evidence.sensors) {
    auto& [answered, failed] = sensors[window.sensor];
    answered = answered || window.count > 0;
    failed = failed || window.errors > 0;
  }
  std::size_t answered = 0, failed = 0;
  for (const auto& [sensor, state] : sensors) {
    answered += state.first ? 1 : 0;
    failed += state.second ? 1 : 0;
  }
  if (answered == 0) return "no sensor answered";
  const std::string errors = failed == 0 ? "" : fmt::format(" ({} with failed readings)", failed);
  return fmt::format("{} {}{}", answered, answered == 1 ? "sensor" : "sensors", errors);
}

}  // namespace

std::string events_text(const Evidence& evidence) {
  const std::vector<Alike> groups = grouped(evidence);
  if (groups.empty()) return {};
  std::string text = "\nEvents, worst first\n";
  const std::size_t lines = std::min(groups.size(), kEventsShown);
  for (std::size_t i = 0; i < lines; ++i) text += line_of(groups[i]);
  if (lines < groups.size())
    text += fmt::format("  ... and {} more, all in report.json\n", groups.size() - lines);
  return text;
}

std::string watched_text(const Evidence& evidence) {
  return "\nWatched: " +
         wrapped(fmt::format("{}; {}", sensors_text(evidence), kernel_text(evidence)), 9) + "\n";
}

}  // namespace rackproof
