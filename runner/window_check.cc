// SPDX-License-Identifier: Apache-2.0
#include "runner/window_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "runner/claimed_work.h"
#include "runner/goldens.h"

namespace rackproof {
namespace {

const std::set<std::string> kFractions{"start_s",
                                       "length_s",
                                       "min",
                                       "p1",
                                       "median",
                                       "p99",
                                       "max",
                                       "sum",
                                       "bytes",
                                       "flops",
                                       "busy_s",
                                       "late_s",
                                       "memory_tested_bytes",
                                       "overlap_s"};
const std::set<std::string> kNegatives{"address_bit"};
constexpr std::size_t kMaxMetrics = 1024, kMaxWork = 16384, kMaxCores = 16384, kMaxLate = 4096,
                      kMaxText = 256;
constexpr double kMostMemory = 1.01;       // of what is installed
constexpr double kMaxGolden = 1ull << 36;  // words: more than any device's memory holds

Expected<void> check_number(const Json& value, const std::string& key,
                            const std::set<std::string>& fractions,
                            const std::set<std::string>& negatives) {
  if (value.is_number_unsigned()) return {};
  if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    if (number >= (negatives.contains(key) ? -1 : 0)) return {};
    return fail(fmt::format("{} is {}", key, number));
  }
  if (!std::isfinite(value.get<double>())) return fail(fmt::format("{} is not finite", key));
  if (!fractions.contains(key)) return fail(fmt::format("{} is not a whole number", key));
  return {};
}

Expected<void> check_under(const Json& value, const std::string& key,
                           const std::set<std::string>& fractions,
                           const std::set<std::string>& negatives) {
  if (value.is_number()) return check_number(value, key, fractions, negatives);
  // As JSON writes a number that is infinite or none.
  if (value.is_null() && key != "digest" && key != "expected") return fail(key + " is null");
  // The reader would take it for 0 or 1.
  if (value.is_boolean() && key != "faulted") return fail(key + " is not a number");
  if (!value.is_structured()) return {};
  for (const auto& [name, inner] : value.items()) {
    auto checked = check_under(inner, value.is_object() ? name : key, fractions, negatives);
    if (!checked) return checked;
  }
  return {};
}

Expected<void> check_small(const Json& value, const char* list, const char* key, double most) {
  for (const Json& entry : value.at(list)) {
    if (entry.at(key).get<double>() > most) return fail(fmt::format("{} is out of range", key));
  }
  return {};
}

Expected<void> check_counts(const WindowRecord& window) {
  const auto over = [](const auto& list, std::size_t most) { return list.size() > most; };
  if (over(window.metrics, kMaxMetrics)) return fail("too many metrics");
  if (over(window.work, kMaxWork)) return fail("too many kinds of work");
  if (over(window.cores, kMaxCores)) return fail("too many cores");
  if (over(window.late, kMaxLate)) return fail("too many late bursts");
  if (over(window.findings, kMaxSamples)) {
    return fail(
        fmt::format("{} findings, at most {} are kept", window.findings.size(), kMaxSamples));
  }
  if (window.findings.size() > window.miscompares) {
    return fail("more findings than miscompares");
  }
  return {};
}

Expected<void> check_time(const WindowRecord& window, double elapsed_s) {
  if (window.start_s < 0 || window.length_s < 0) return fail("negative time");
  if (window.start_s + window.length_s > elapsed_s) {
    return fail(fmt::format("a window that ends at {:.3f} s when {:.3f} s have passed",
                            window.start_s + window.length_s, elapsed_s));
  }
  for (const Lateness& late : window.late) {
    if (late.late_s > elapsed_s)
      return fail(fmt::format("a burst late by {:.3f} s when {:.3f} s have passed", late.late_s,
                              elapsed_s));
  }
  return {};
}

Expected<void> check_work(const WindowRecord& window, const WindowBounds& bounds) {
  for (const WorkTally& tally : window.work) {
    if (tally.bytes < 0 || tally.flops < 0 || tally.busy_s < 0) return fail("negative work");
    if (tally.faulted && bounds.faults.empty()) return fail("a faulted burst without a fault");
    if (tally.method.size() > kMaxText) return fail("a long name of a method");
    if (tally.expected) return fail("a golden, which only the supervisor can know");
    const WorkKey key{tally.work, tally.pattern, tally.address_bit, tally.half};
    if (golden_cost(key) > kMaxGolden) return fail("impossibly large work '" + tally.work + "'");
    if (auto checked = check_claimed_work(tally); !checked) return checked;
  }
  return {};
}

Expected<void> check_core(std::uint32_t core, const WindowBounds& bounds) {
  if (bounds.cores == 0 || core < bounds.cores || core == kUnknownCore) return {};
  return fail(fmt::format("core {} of {}", core, bounds.cores));
}

Expected<void> check_device(const WindowRecord& window, const WindowBounds& bounds) {
  for (const CoreTally& core : window.cores) {
    if (auto checked = check_core(core.core, bounds); !checked) return checked;
  }
  for (const Finding& finding : window.findings) {
    if (auto checked = check_core(finding.core, bounds); !checked) return checked;
  }
  if (bounds.memory_bytes > 0 && window.memory_tested_bytes > kMostMemory * bounds.memory_bytes)
    return fail(fmt::format("more memory tested than there is: {:.6g} of {:.6g} bytes",
                            window.memory_tested_bytes, bounds.memory_bytes));
  return {};
}

Expected<void> check_figures(const WindowRecord& window, const WindowBounds& bounds) {
  if (bounds.stressor == nullptr) return {};
  for (const MetricWindow& metric : window.metrics) {
    if (bounds.stressor->metric(metric.metric) == nullptr)
      return fail(fmt::format("{} does not record '{}'", bounds.stressor->name, metric.metric));
  }
  return {};
}

Expected<void> check_peers(const WindowRecord& window, const WindowBounds& bounds) {
  const auto check = [&](const auto& list) -> Expected<void> {
    for (const auto& entry : list) {
      const auto& peers = bounds.peers;
      if (entry.peer.empty() || std::find(peers.begin(), peers.end(), entry.peer) != peers.end())
        continue;
      return fail(fmt::format("'{:.60}', which is no peer of this device", entry.peer));
    }
    return {};
  };
  auto checked = check(window.metrics);
  if (checked) checked = check(window.work);
  if (checked) checked = check(window.findings);
  return checked;
}

Expected<void> check_fault(const FaultRecord& fault, const WindowBounds& bounds) {
  // Ids count from 1 in the order of the assignment.
  const bool numbered = fault.id >= 1 && fault.id <= bounds.faults.size();
  const Fault* assigned = numbered ? &bounds.faults[fault.id - 1] : nullptr;
  if (assigned == nullptr || assigned->id != fault.id || name(assigned->site) != fault.site ||
      name(assigned->kind) != fault.kind) {
    return fail(fmt::format("fault {} ({} {}) was not assigned", fault.id, fault.site, fault.kind));
  }
  if (bounds.seen.contains(fault.id)) return fail(fmt::format("fault {} twice", fault.id));
  return {};
}

Expected<void> check_faults(const WindowRecord& window, const WindowBounds& bounds) {
  std::set<std::uint64_t> here;
  for (const FaultRecord& fault : window.faults) {
    if (auto checked = check_fault(fault, bounds); !checked) return checked;
    if (!here.insert(fault.id).second) return fail(fmt::format("fault {} twice", fault.id));
  }
  return {};
}

Expected<void> check_form(const Json& message) {
  constexpr double kMost32 = std::numeric_limits<std::uint32_t>::max();
  auto checked = check_numbers(message, kFractions, kNegatives);
  try {
    if (checked) checked = check_small(message, "cores", "core", kMost32);
    if (checked) checked = check_small(message, "findings", "core", kMost32);
    if (checked) checked = check_small(message, "work", "address_bit", 63);
    if (checked) checked = check_small(message, "work", "half", 1);
  } catch (const std::exception& problem) {
    return fail(problem.what());
  }
  return checked;
}

}  // namespace

Expected<void> check_numbers(const Json& value, const std::set<std::string>& fractions,
                             const std::set<std::string>& negatives) {
  return check_under(value, "", fractions, negatives);
}

Expected<WindowRecord> checked_window(const Json& message, const WindowBounds& bounds) {
  auto checked = check_form(message);
  if (!checked) return tl::unexpected(checked.error());
  auto window = window_from_json(message);
  if (!window) return window;
  checked = check_counts(*window);
  if (checked) checked = check_time(*window, bounds.elapsed_s);
  if (checked) checked = check_work(*window, bounds);
  if (checked) checked = check_device(*window, bounds);
  if (checked) checked = check_figures(*window, bounds);
  if (checked) checked = check_peers(*window, bounds);
  if (checked) checked = check_faults(*window, bounds);
  if (!checked) return tl::unexpected(checked.error());
  return window;
}

}  // namespace rackproof
