// SPDX-License-Identifier: Apache-2.0
// For tests of a Context: a device that is a script of what each burst does, steps on it, and what
// they handed on.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "core/context.h"

namespace rackproof::scripted {

/// What the script's next bursts do, and what it was asked for.
struct Script {
  std::function<void(Burst&, std::uint64_t)> burst = [](Burst&, std::uint64_t) {};
  std::function<bool(const Fault&)> can_strike = [](const Fault&) { return true; };
  std::string unsupported;
  std::vector<RunFor> asked;
};

class ScriptedFault : public ArmedFault {
 public:
  std::vector<Activation> activations() const override { return {{3, 4, 5}}; }
};

class ScriptedWork : public Prepared {
 public:
  explicit ScriptedWork(Script& script) : script_(script) {}
  Burst run(const RunFor& how) override {
    Burst burst;
    burst.iterations = 1;
    burst.bytes = 64;
    burst.digest = 42;
    burst.start = burst.end = Clock::now();
    burst.cores = {{0, 1, 0}, {1, 1, 0}};
    script_.burst(burst, script_.asked.size());
    script_.asked.push_back(how);
    return burst;
  }
  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    if (!script_.can_strike(fault)) return nullptr;
    return std::make_unique<ScriptedFault>();
  }

 private:
  Script& script_;
};

class ScriptedDevice : public Device {
 public:
  explicit ScriptedDevice(Script& script) : script_(script) {}
  const DeviceInfo& info() const override { return info_; }
  Region allocate(std::uint64_t size_bytes, Place) override { return {nullptr, size_bytes}; }
  Preparation prepare(const Workload&) override {
    if (!script_.unsupported.empty()) return Unsupported{script_.unsupported};
    return std::make_unique<ScriptedWork>(script_);
  }

 private:
  Script& script_;
  DeviceInfo info_;
};

class Record : public Recorder {
 public:
  std::vector<WindowRecord> windows;
  std::vector<Phase> phases;
  Clock::time_point start{};

  void window(const WindowRecord& record) override { windows.push_back(record); }
  void phase(Phase phase) override { phases.push_back(phase); }
  Clock::time_point barrier() override { return start; }

  [[nodiscard]] std::uint64_t bursts() const {
    std::uint64_t sum = 0;
    for (const WindowRecord& w : windows) sum += w.bursts;
    return sum;
  }
  [[nodiscard]] std::vector<FaultRecord> faults() const {
    std::vector<FaultRecord> all;
    for (const WindowRecord& w : windows) all.insert(all.end(), w.faults.begin(), w.faults.end());
    return all;
  }
};

inline constexpr Metric kSpeed{"speed", Unit::bytes_per_second, "bytes"};
inline constexpr Param kSize{"size", 8, 1, 100, "how much"};
inline constexpr Fraction kShare{"share", 0.5, 0, 1, "how much of it"};
inline constexpr std::array<std::string_view, 2> kWords{"left", "right"};
inline constexpr Choice kSide{"side", kWords, "which"};

inline void fill_on_and_on(Context& ctx) {
  const auto prepared = ctx.prepare(Fill{ctx.device().allocate(64)});
  while (ctx.running()) {
    (void)prepared->run(ctx.burst());
    ctx.record(kSpeed, 1);
  }
}

inline void sweep_in_passes(Context& ctx) {
  const auto prepared = ctx.prepare(Fill{ctx.device().allocate(64)});
  while (ctx.running()) {
    (void)prepared->run(ctx.sweep(2, 1));
    (void)prepared->run(ctx.sweep());
    ctx.pass_completed(64);
  }
}

inline StressorInfo stressor(void (*run)(Context&)) {
  return {
      .name = "test.stressor", .metrics = {kSpeed}, .params = {kSize, kShare, kSide}, .run = run};
}

inline StepSettings settings_of(double duration_s) {
  StepSettings settings;
  settings.step = "s/00 test";
  settings.device = "d0";
  settings.stressor = "test.stressor";
  settings.duration_s = duration_s;
  settings.burst_s = 0.001;
  return settings;
}

/// Runs the step to its end.
inline Record run(Script& script, const StepSettings& settings,
                  void (*function)(Context&) = fill_on_and_on) {
  Record record;
  ScriptedDevice device(script);
  const std::atomic<bool> stop{false};
  run_step(device, stressor(function), settings, record, stop);
  return record;
}

/// Runs until the script's n-th burst, which ends the step by throwing.
inline Record run_bursts(Script& script, StepSettings settings, std::uint64_t bursts,
                         void (*function)(Context&) = fill_on_and_on) {
  Record record;
  ScriptedDevice device(script);
  const std::atomic<bool> stop{false};
  const auto act = script.burst;
  script.burst = [act, bursts](Burst& burst, std::uint64_t index) {
    if (index == bursts) throw DeviceError("over");
    act(burst, index);
  };
  settings.duration_s = 3600;
  try {
    run_step(device, stressor(function), settings, record, stop);
  } catch (const DeviceError&) {
  }
  return record;
}

inline void take_a_while(Burst& burst, std::uint64_t) {
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  burst.end = Clock::now();
}

}  // namespace rackproof::scripted
