// SPDX-License-Identifier: Apache-2.0
// For the tests of stressors: one step on one device, run here and now, with all that it recorded.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/synthetic/device.h"
#include "core/context.h"
#include "core/oracle.h"

namespace rackproof {

class RecordedStep : public Recorder {
 public:
  std::vector<WindowRecord> windows;

  void window(const WindowRecord& record) override { windows.push_back(record); }
  void phase(Phase) override {}
  Clock::time_point barrier() override { return Clock::now(); }

  [[nodiscard]] std::uint64_t miscompares() const {
    std::uint64_t sum = 0;
    for (const WindowRecord& w : windows) sum += w.miscompares;
    return sum;
  }
  [[nodiscard]] std::uint64_t passes() const {
    std::uint64_t sum = 0;
    for (const WindowRecord& w : windows) sum += w.passes;
    return sum;
  }
  /// Recordings of a metric that can be used.
  [[nodiscard]] std::uint64_t recordings(const std::string& metric) const {
    std::uint64_t sum = 0;
    for (const WindowRecord& w : windows) {
      for (const MetricWindow& m : w.metrics) sum += m.metric == metric && m.min > 0 ? m.count : 0;
    }
    return sum;
  }
  /// Bursts whose digest differs from the golden; those that read nothing are left out.
  [[nodiscard]] std::uint64_t wrong_digests() const {
    std::uint64_t sum = 0;
    for (const WindowRecord& w : windows) {
      for (const WorkTally& t : w.work) {
        const auto right = golden({t.work, t.pattern, t.address_bit, t.half}).value();
        if (right && (!t.digest || t.digest->value != *right)) sum += t.bursts;
      }
    }
    return sum;
  }
  /// The drill's faults that changed something, and how many of them were found where they struck.
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> active_and_found() const {
    std::uint64_t active = 0, found = 0;
    for (const WindowRecord& w : windows) {
      for (const FaultRecord& f : w.faults) {
        active += f.flips.empty() ? 0 : 1;
        found += !f.flips.empty() && holds(w, f) ? 1 : 0;
      }
    }
    return {active, found};
  }

 private:
  static bool holds(const WindowRecord& w, const FaultRecord& fault) {
    return std::all_of(fault.flips.begin(), fault.flips.end(), [&](const FaultRecord::Flip& flip) {
      return std::any_of(w.findings.begin(), w.findings.end(), [&](const Finding& f) {
        return f.burst == fault.burst && f.element == flip.element && f.expected == flip.before &&
               f.got == flip.after;
      });
    });
  }
};

/// A small and fast synthetic device, "n0-d0", with these words of its description added.
inline std::unique_ptr<Device> synthetic_device(const std::string& words = {}) {
  const std::string rack = "rack memory=1MiB cores=4 fp32=1TFLOP/s spread=0%";
  auto devices = discover_synthetic(rack + (words.empty() ? "" : "; n0-d0 " + words));
  if (!devices) throw std::invalid_argument(devices.error().text());
  return std::move(devices->at(0));
}

/// A short step of the stressor; `params` are canonical.
inline StepSettings short_step(const std::string& stressor,
                               std::map<std::string, std::string> params) {
  StepSettings settings;
  settings.step = "test/00 " + stressor;
  settings.device = "n0-d0";
  settings.stressor = stressor;
  settings.params = std::move(params);
  settings.duration_s = 0.03;
  settings.burst_s = 0.005;
  return settings;
}

/// The same as a drill that commits one fault of each kind at this place.
inline StepSettings short_drill(StepSettings settings, FaultSite site,
                                const std::vector<FaultKind>& kinds) {
  settings.drill = true;
  for (const FaultKind kind : kinds) {
    const std::uint64_t id = settings.faults.size();
    settings.faults.push_back(
        {.id = id, .site = site, .kind = kind, .element = 1000003 * (id + 1), .mask = 0x10});
  }
  return settings;
}

inline RecordedStep run_recorded(Device& device, const StepSettings& settings) {
  RecordedStep record;
  const std::atomic<bool> stop{false};
  const StressorInfo* info = find_stressor(settings.stressor);
  if (info == nullptr) throw std::invalid_argument("no stressor " + settings.stressor);
  run_step(device, *info, settings, record, stop);
  return record;
}

/// Why the device cannot do the step; empty when it can.
inline std::string why_unsupported(Device& device, const StepSettings& settings) {
  try {
    run_recorded(device, settings);
    return {};
  } catch (const StepUnsupported& skip) {
    return skip.reason;
  }
}

}  // namespace rackproof
