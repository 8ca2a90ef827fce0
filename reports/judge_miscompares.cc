// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_miscompares.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <set>

namespace rackproof {
namespace {

void add_bits(MiscompareSummary& summary, const Finding& finding) {
  const std::uint64_t wrong = finding.expected ^ finding.got;
  summary.single_bit += std::popcount(wrong) == 1 ? 1 : 0;
  summary.to_one += static_cast<std::uint64_t>(std::popcount(wrong & finding.got.value));
  summary.to_zero += static_cast<std::uint64_t>(std::popcount(wrong & finding.expected.value));
  for (unsigned bit = 0; bit < 64; ++bit) summary.bits[bit] += wrong >> bit & 1;
}

void add_elements(MiscompareSummary& summary, const std::set<std::uint64_t>& elements) {
  summary.elements = elements.size();
  if (elements.empty()) return;
  summary.lowest = *elements.begin();
  summary.highest = *elements.rbegin();
  if (elements.size() < 3) return;
  for (const std::uint64_t element : elements)
    summary.period = std::gcd(summary.period, element - summary.lowest);
}

// When a window's load was measured, on the clock of the sensors; a task that ended as it should
// ended with its last window.
double moment_of(const TaskRecord& task, const Finding& finding) {
  double at_s = 0, end_s = 0;
  for (const WindowRecord& window : task.windows) {
    end_s = std::max(end_s, window.start_s + window.length_s);
    for (const Finding& other : window.findings) {
      if (&other == &finding) at_s = window.start_s + window.length_s / 2;
    }
  }
  const bool ended = task.outcome == Outcome::finished && task.end_s - end_s > task.start_s;
  return (ended ? task.end_s - end_s : task.start_s) + at_s;
}

bool covers(const SensorWindow& window, double at_s) {
  return window.count > 0 && at_s >= window.start_s && at_s <= window.start_s + window.length_s;
}

// A sensor that names another device says nothing of this one.
bool concerns(const SensorWindow& window, const std::string& device) {
  return window.device.empty() || window.device == device;
}

void add_temperature(MiscompareSummary& summary, const SensorWindow& window) {
  const bool hotter =
      summary.temperature_sensor.empty() || window.max > summary.temperature_celsius;
  if (window.unit != name(Unit::celsius) || !hotter) return;
  summary.temperature_sensor = window.sensor;
  summary.temperature_celsius = window.max;
}

void add_clock(MiscompareSummary& summary, const SensorWindow& window) {
  if (window.unit != name(Unit::hertz) || !(window.median > 0)) return;
  if (summary.clock_hz == 0 || window.median < summary.clock_hz) summary.clock_hz = window.median;
}

void add_sensors(MiscompareSummary& summary, const Evidence& evidence, double at_s) {
  const std::string own_clock = fmt::format("cpu{}.frequency", summary.first.core);
  const SensorWindow* own = nullptr;
  for (const SensorWindow& window : evidence.sensors) {
    if (!covers(window, at_s) || !concerns(window, summary.device)) continue;
    add_temperature(summary, window);
    add_clock(summary, window);
    if (window.sensor == own_clock) own = &window;
  }
  if (own != nullptr && own->median > 0) summary.clock_hz = own->median;
}

std::string bits_text(const MiscompareSummary& s) {
  const auto most = std::max_element(s.bits.begin(), s.bits.end());
  const auto kinds = static_cast<std::size_t>(
      std::count_if(s.bits.begin(), s.bits.end(), [](std::uint64_t n) { return n > 0; }));
  const char* direction = s.to_zero == 0 ? ", to 1" : s.to_one == 0 ? ", to 0" : "";
  if (kinds == 1) return fmt::format("always bit {}{}", most - s.bits.begin(), direction);
  if (*most == s.sampled)
    return fmt::format("bit {} in all of them, {} bits in some{}", most - s.bits.begin(), kinds,
                       direction);
  return fmt::format("{} different bits, {} of {} miscompares of one bit{}", kinds, s.single_bit,
                     s.sampled, direction);
}

std::string elements_text(const MiscompareSummary& s) {
  if (s.elements == 1) return "always element " + std::to_string(s.lowest);
  if (s.period > 1) return fmt::format("{} elements, multiples of {} apart", s.elements, s.period);
  return fmt::format("{} elements from {} to {}", s.elements, s.lowest, s.highest);
}

// Of data that crossed links only.
std::string peers_text(const MiscompareSummary& s) {
  if (s.peers.empty() || s.peers.contains("")) return {};
  if (s.peers.size() == 1) return "; all from " + s.peers.begin()->first;
  return fmt::format("; from {} peers", s.peers.size());
}

std::string cores_text(const MiscompareSummary& s) {
  if (s.cores.size() == 1) return core_text(s.cores.begin()->first);
  return fmt::format("{} cores", s.cores.size());
}

}  // namespace

MiscompareSummary summarize(const Attempt& attempt) {
  MiscompareSummary summary;
  summary.step = attempt.task->step;
  summary.device = attempt.task->device;
  summary.count = attempt.faults.miscompares;
  summary.sampled = attempt.faults.strangers.size();
  std::set<std::uint64_t> elements;
  for (const Finding* finding : attempt.faults.strangers) {
    add_bits(summary, *finding);
    ++summary.cores[finding->core];
    ++summary.peers[finding->peer];
    elements.insert(finding->element);
  }
  add_elements(summary, elements);
  if (summary.sampled > 0) summary.first = *attempt.faults.strangers.front();
  return summary;
}

std::vector<MiscompareSummary> judge_miscompares(const Case& judged) {
  std::vector<MiscompareSummary> all;
  for (const Attempt& attempt : judged.attempts()) {
    if (attempt.faults.miscompares == 0) continue;
    all.push_back(summarize(attempt));
    const auto& strangers = attempt.faults.strangers;
    if (!strangers.empty())
      add_sensors(all.back(), judged.evidence(), moment_of(*attempt.task, *strangers.front()));
  }
  return all;
}

std::string in_common(const MiscompareSummary& summary) {
  if (summary.sampled < 2) return "";
  return fmt::format("{}; {}; {}{}", bits_text(summary), elements_text(summary),
                     cores_text(summary), peers_text(summary));
}

}  // namespace rackproof
