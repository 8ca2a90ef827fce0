// SPDX-License-Identifier: Apache-2.0
// What is written down while a step runs: plain structs that worker, journal and judge hand on.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/device.h"
#include "core/fault.h"
#include "core/json.h"

namespace rackproof {

/// 64 bits that JSON shows as 16 hex digits.
struct Bits {
  std::uint64_t value = 0;
  constexpr Bits() = default;
  constexpr Bits(std::uint64_t v)
      : value(v) {}  // NOLINT(google-explicit-constructor): a Bits is a number
  constexpr operator std::uint64_t() const { return value; }  // NOLINT(google-explicit-constructor)
};

/// One metric over one window, in its unit's base; statistics of the single recordings. What came
/// from another device names it, in one window a peer.
struct MetricWindow {
  std::string metric;
  std::uint64_t count = 0;
  std::uint64_t unusable =
      0;  ///< recordings that were NaN, infinite or negative: not in the statistics
  double min = 0, p1 = 0, median = 0, p99 = 0, max = 0, sum = 0;
  std::string peer = {};  ///< the other device's id, where data came from; empty: none
};

/// Bursts of the same work on the same data with the same digest, counted together.
struct WorkTally {
  std::string work;  ///< describe(workload)
  Bits pattern;
  int address_bit = -1;
  int half = 0;
  std::optional<Bits> digest;    ///< what the device arrived at
  std::optional<Bits> expected;  ///< the golden, added by the supervisor; the worker never sees it
  bool faulted = false;          ///< a drill's fault was armed: the digest may differ
  std::uint64_t bursts = 0, iterations = 0;
  double bytes = 0, flops = 0, busy_s = 0;
  std::string method;  ///< Burst::method of the last of them
  std::string peer = {};  ///< the device that the data came from; empty: none but its own
};

/// A miscompare, the burst of the step (from 0) that found it, and that burst's data.
struct Finding {
  std::uint64_t burst = 0;
  std::uint32_t core = 0;
  std::uint64_t element = 0;
  Bits expected, got;
  Bits pattern;
  std::uint64_t tile = 0;
  Bits address;           ///< physical; 0: unknown
  std::string dimm;       ///< that holds it, added by the supervisor where the firmware tells
  std::string peer = {};  ///< the device that the data came from; empty: none but its own
};

/// A burst that ended later than asked.
struct Lateness {
  std::uint64_t burst = 0;
  double late_s = 0;
};

/// What an observer saw a drill's fault do.
struct FaultRecord {
  std::uint64_t id = 0;
  std::string site, kind;
  std::string work;  ///< of the burst that it struck
  std::uint64_t burst = 0;
  struct Flip {
    std::uint64_t element = 0;
    Bits before, after;
  };
  std::vector<Flip> flips;  ///< empty for timing faults
};

/// Everything a worker says about one window of one step on one device.
struct WindowRecord {
  double start_s = 0, length_s = 0;  ///< since the step's load began
  std::uint64_t bursts = 0;
  std::vector<MetricWindow> metrics;
  std::vector<WorkTally> work;
  std::vector<CoreTally> cores;
  std::uint64_t miscompares = 0;
  std::vector<Finding> findings;  ///< at most kMaxSamples
  std::vector<Lateness> late;
  std::vector<FaultRecord> faults;
  std::uint64_t passes = 0;        ///< complete passes that ended in this window
  double memory_tested_bytes = 0;  ///< memory every word of which went through a complete test
  double overlap_s = 0;  ///< how long bursts ran beside another one, once for each further one
};

/// How one device's part of one step ended.
enum class Outcome {
  finished,
  unsupported,   ///< the device cannot do this workload: a skip with a reason
  device_error,  ///< a driver call failed
  crashed,       ///< ended by a signal or an exit code of its own
  hung,          ///< silent past its deadline, or past the step's
  garbage,       ///< broke the protocol
  gang_lost,     ///< another member of its gang ended the step
  aborted,       ///< stopped by the operator or by a full disk
  not_run,       ///< quarantined, or the campaign ended before
};
/// "unknown" for a value that is none of them.
[[nodiscard]] std::string_view name(Outcome outcome);
[[nodiscard]] Expected<Outcome> outcome_from_name(std::string_view name);

/// One step on one device, one attempt, whole: what judge() reads.
struct TaskRecord {
  std::string step, device;
  std::uint64_t attempt = 1;
  Outcome outcome = Outcome::not_run;
  std::string detail;             ///< why, in words, when not finished
  double start_s = 0, end_s = 0;  ///< supervisor's monotonic clock, since the run began
  std::vector<WindowRecord> windows;
};

/// Something that happened and belongs to no window.
struct EventRecord {
  double at_s = 0;
  std::string kind;      ///< "resumed", "recovered", "interrupted", "quarantine", "kernel_log",
                         ///< "counter", "telemetry", ...
  std::string severity;  ///< "info", "warning", "fatal"
  std::string device, step, text;
  std::string cause;      ///< which class of event: "gpu.xid.79", "memory.uncorrected"
  std::string part;       ///< what it concerns when that is no device: "0000:1b:00.0", "mc0 dimm3"
  std::string next_step;  ///< what to do about it
  std::uint64_t count = 1;  ///< alike ones told at once
};

/// One sensor over some seconds; `errors` counts readings that failed, `unsupported` the rest.
struct SensorWindow {
  double start_s = 0, length_s = 0;
  std::string sensor, device, unit;  ///< "cpu0.frequency", "", "hertz"
  std::uint64_t count = 0, errors = 0, unsupported = 0;
  double min = 0, median = 0, max = 0;
  std::string error;         ///< the last one's text
  bool counter = false;      ///< it only counts up: what it says is its rise
  double rise = 0;           ///< counters: by how much it rose since the window before
  std::uint64_t resets = 0;  ///< counters: how often it began anew
};

/// A closed file of the bundle with what was read at full rate.
struct SegmentRecord {
  std::string file;  ///< "telemetry/0001.csv.zst", "telemetry/kernel-0001.log.zst"
  double start_s = 0, end_s = 0;
  std::uint64_t rows = 0, size_bytes = 0;  ///< rows without the head; bytes as stored
  std::string sha256;
};

/// What was read of the kernel log in some seconds.
struct KernelLogWindow {
  double start_s = 0, length_s = 0;
  std::uint64_t records = 0, lost = 0;  ///< lost: the ring overran before they could be read
  std::string error;                    ///< why it could not be read; empty: it could
  bool proven = false;  ///< a line of our own, written in this window or before, came back
};

[[nodiscard]] Json to_json(const WindowRecord& record);
[[nodiscard]] Json to_json(const EventRecord& record);
[[nodiscard]] Json to_json(const SensorWindow& record);
[[nodiscard]] Json to_json(const SegmentRecord& record);
[[nodiscard]] Json to_json(const KernelLogWindow& record);
[[nodiscard]] Json to_json(const DeviceInfo& info);
[[nodiscard]] Json to_json(const Fault& fault);
/// Strict: a missing or mistyped field is an Error that names it.
[[nodiscard]] Expected<WindowRecord> window_from_json(const Json& json);
[[nodiscard]] Expected<EventRecord> event_from_json(const Json& json);
[[nodiscard]] Expected<SensorWindow> sensor_from_json(const Json& json);
[[nodiscard]] Expected<SegmentRecord> segment_from_json(const Json& json);
[[nodiscard]] Expected<KernelLogWindow> kernel_log_from_json(const Json& json);
[[nodiscard]] Expected<DeviceInfo> device_from_json(const Json& json);
[[nodiscard]] Expected<Fault> fault_from_json(const Json& json);

/// min, p1, median, p99 (nearest rank), max and sum of the usable values. None: all zero, count 0.
[[nodiscard]] MetricWindow summarize(std::string metric, std::vector<double> values);

}  // namespace rackproof
