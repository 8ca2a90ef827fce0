// SPDX-License-Identifier: Apache-2.0
// What a stressor sees of the framework: its device, its parameters, time, seeds and the record.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/device.h"
#include "core/hash.h"
#include "core/record.h"
#include "core/stressor.h"

namespace rackproof {

/// One step on one device, as the supervisor hands it to a worker.
struct StepSettings {
  std::string step, device, stressor;
  std::uint64_t attempt = 1;
  std::map<std::string, std::string> params;  ///< canonical; what is missing takes its default
  Seed seed{};                                ///< the campaign's
  double duration_s = 0;                      ///< 0: until `passes` are complete
  std::uint64_t passes = 0;
  double burst_s = 0.2;  ///< how long one burst runs
  double window_s = 1.0;
  double late_after_s = 5.0;       ///< a burst this much later than asked is late
  bool gang = false;               ///< wait at the barrier before the first burst
  std::vector<std::string> peers;  ///< ids, in the order of their ranks, this device's among them;
                                   ///< empty: the stressor needs none
  bool drill = false;              ///< commit `faults`, one in every other burst, then end
  std::vector<Fault> faults;  ///< of a drill; else unannounced: each in a burst of its own beside
                              ///< the load's, when the seed says
};
[[nodiscard]] Json to_json(const StepSettings& settings);
[[nodiscard]] Expected<StepSettings> settings_from_json(const Json& json);

enum class Phase { prepare, load };

/// Where a Context's records go: the worker's socket, or a test's vector.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void window(const WindowRecord& record) = 0;
  /// Preparing may take minutes, a burst may not: the supervisor's deadline follows the phase.
  virtual void phase(Phase phase) = 0;
  /// Blocks until every member of the gang is here; returns the common start.
  virtual Clock::time_point barrier() = 0;
  /// Blocks until every peer has said its bytes, at most kMaxExchanged; returns all, by rank.
  /// Throws StepStopped when the run is being stopped. By itself: a device without peers.
  [[nodiscard]] virtual std::vector<std::string> exchange(const std::string& bytes) {
    return {bytes};
  }
};

/// The run is being stopped while a device waits for its peers; ends the step as a stop does.
struct StepStopped {};

/// The device cannot do a workload; ends the step as a skip with this reason.
struct StepUnsupported {
  std::string reason;
};

/// Runs one stressor's function. A stressor may run two Prepareds from two threads at once, and
/// record from both; all else is for one thread.
class Context {
 public:
  /// `peers` by rank, `device` among them; none: it is alone.
  Context(Device& device, const StressorInfo& info, StepSettings settings, Recorder& recorder,
          const std::atomic<bool>& stop, std::vector<Device*> peers = {});
  ~Context();

  [[nodiscard]] Device& device() const { return device_; }
  /// The step's devices of this one's node and back end by rank, this one among them. The others
  /// are opened here for their memory; what they do is their own workers' business.
  [[nodiscard]] const std::vector<Device*>& peers() const { return peers_; }
  [[nodiscard]] std::uint32_t rank() const { return rank_; }  ///< of this device among its peers
  /// Tells every peer these bytes, at most kMaxExchanged, and returns what each has told, by rank.
  /// All peers must call it as often, none with two Prepareds running; it serves as a barrier.
  [[nodiscard]] std::vector<std::string> exchange(const std::string& bytes);
  /// 0: that of the parameter that it is like.
  [[nodiscard]] std::int64_t operator[](const Param& param) const;
  [[nodiscard]] double operator[](const Fraction& fraction) const;
  [[nodiscard]] std::string_view operator[](const Choice& choice) const;

  /// Ready to run and watched: every burst's findings, digest, cores and lateness go into the
  /// record whether or not the stressor looks at them, and a drill's faults strike here. Throws
  /// StepUnsupported when the device cannot do it. `peer`: the id of the device that the data comes
  /// from, which the record names.
  [[nodiscard]] std::unique_ptr<Prepared> prepare(const Workload& workload, std::string peer = {});
  /// The same for what a stressor prepared itself, under the name of that work: a self-test's lies.
  [[nodiscard]] std::unique_ptr<Prepared> watch(std::unique_ptr<Prepared> own, std::string work,
                                                std::string peer = {});

  /// False once the time is over, the passes are complete, every drill fault was committed, or the
  /// run is being stopped. The clock starts with the first burst.
  [[nodiscard]] bool running();
  /// One slice of time on the step's data; the pattern changes every few bursts.
  [[nodiscard]] RunFor burst();
  /// One whole iteration on the current pass's data, for workloads that are a sequence.
  [[nodiscard]] RunFor sweep(int address_bit = -1, int half = 0);

  void record(const Metric& metric, double value, const std::string& peer = {});
  /// One complete pass; `memory_tested_bytes` went through it, every word.
  void pass_completed(double memory_tested_bytes = 0);
  /// Waits for the gang, if any, and starts the clock; the first burst does it by itself.
  void barrier();
  /// Hands on what is left; called by run_step.
  void flush();

 private:
  class Watched;
  struct Impl;
  Device& device_;
  const StressorInfo& info_;
  std::vector<Device*> peers_;
  std::uint32_t rank_ = 0;
  std::unique_ptr<Impl> impl_;
};

/// Runs the stressor to its end and flushes its record. Throws StepUnsupported, also where a
/// stressor that needs peers has none, and DeviceError.
void run_step(Device& device, const StressorInfo& info, const StepSettings& settings,
              Recorder& recorder, const std::atomic<bool>& stop, std::vector<Device*> peers = {});

}  // namespace rackproof
