// SPDX-License-Identifier: Apache-2.0
// The central seam: a device runs workloads, a stressor composes them (N + M files, never N x M).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/fault.h"
#include "core/workload.h"

namespace rackproof {

using Clock = std::chrono::steady_clock;  ///< the host's monotonic clock

/// Who a device is and what it can do at most. Unknown text is empty, unknown numbers are 0.
struct DeviceInfo {
  std::string id;       ///< unique in the rack: "cpu:0", "n1/synthetic:3"
  std::string node;     ///< the node it sits in; empty: this host
  std::string backend;  ///< "cpu", "synthetic", ...
  std::string kind;     ///< what a profile's `on:` names: "cpu", "gpu", "synthetic"
  std::string name;     ///< the vendor's product name
  std::string serial, uuid, bdf, driver;
  int numa_node = -1;
  std::uint64_t memory_bytes = 0;       ///< installed, as the hardware says
  std::uint64_t allocatable_bytes = 0;  ///< what a stressor could have now
  std::uint32_t cores = 0;              ///< SM, CU, PU: what Burst::cores counts
  double shortest_burst_s = 0;          ///< below this the back end cannot start and stop load
  /// Physical upper bounds in base units, by "gemm.int8", "gemm.fp32", "gemm.fp64" (FLOP/s or
  /// OP/s), "memory", "peer_link" (what arrives from other devices) and "host_link", of it
  /// "host_link.h2d", ".d2h" and ".both" at once (B/s). A measurement above one is a broken timer
  /// or elided work.
  std::map<std::string, double> ceilings;
  /// What the part should be able to reach by its topology (clock x units x width); a basis for
  /// floors.
  std::map<std::string, double> nominals;
};

/// How long and on what data one burst runs.
struct RunFor {
  Clock::time_point start{};     ///< not before this instant (a gang's common start); zero: now
  Clock::time_point until{};     ///< finish the iteration in hand then; ignored when iterations > 0
  std::uint64_t iterations = 0;  ///< exactly so many; 0: until the time, at least one
  std::uint64_t pattern = 0;     ///< seeds the data
  std::uint64_t sample =
      0;                 ///< seeds which rows and columns the host recomputes (Operands::random)
  int address_bit = -1;  ///< Sweep: restrict to word addresses whose bit k equals `half`; -1: all
  int half = 0;
  int core = -1;  ///< Mix: on this core alone; -1: on all at once
};

/// In place of a core's number: nobody says which one it was.
inline constexpr std::uint32_t kUnknownCore = 0xffffffff;
/// "core 5", "core unknown".
[[nodiscard]] std::string core_text(std::uint32_t core);

/// What one core did in a burst.
struct CoreTally {
  std::uint32_t core = 0;
  std::uint64_t iterations =
      0;  ///< checked pieces of work; 0: this core did nothing that was checked
  std::uint64_t miscompares = 0;
};

/// One element that differs from the right answer. `element` is row * n + column for Gemm, the
/// word's index in the checked region else; bits are zero-extended. For Gemm, elements from m * n
/// on are operands as they lie in memory: a's m * k, then b's k * n.
struct Miscompare {
  std::uint32_t core = 0;
  std::uint64_t element = 0;
  std::uint64_t expected = 0, got = 0;
  std::uint64_t tile = 0;     ///< of the back end's own tiling of the result; 0 where it has none
  std::uint64_t address = 0;  ///< physical address of the word; 0: unknown
};

inline constexpr std::size_t kMaxSamples = 64;  ///< miscompare samples kept of one burst

/// What one run did. `start` is taken after the operands are in place, `end` after the last check.
struct Burst {
  std::uint64_t iterations = 0;
  Clock::time_point start{}, end{};
  double device_s = 0;  ///< the device's own clock, when it has one
  double moving_s = 0;  ///< what copies took of it, their checks left out; 0: not told apart
  double copy_s = 0;    ///< the median time of one copy, its check left out; 0: not told apart
  double bytes = 0;     ///< moved, by the workload's own count
  double flops = 0;     ///< operations, by the workload's own count
  std::optional<std::uint64_t>
      digest;  ///< of the result as read (core/oracle.h); none: nothing was read
  std::uint64_t miscompares = 0;
  std::vector<Miscompare> samples;  ///< the first kMaxSamples of them
  std::vector<CoreTally> cores;
  std::string method;  ///< the vendor's algorithm that did the work; empty: the back end's own code

  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(end - start).count();
  }
  [[nodiscard]] double bytes_per_second() const { return seconds() > 0 ? bytes / seconds() : 0; }
  /// Of the link that was copied over, where its time is told apart from the checks'.
  [[nodiscard]] double transfer_rate() const {
    return moving_s > 0 ? bytes / moving_s : bytes_per_second();
  }
  /// Of one copy, queued and waited for by itself; with its check where the two are not told apart.
  [[nodiscard]] double transfer_latency() const {
    if (copy_s > 0 || iterations == 0) return copy_s;
    return (moving_s > 0 ? moving_s : seconds()) / static_cast<double>(iterations);
  }
  [[nodiscard]] double flops_per_second() const { return seconds() > 0 ? flops / seconds() : 0; }
};

/// A workload ready to run on its device. Prepareds of one device may run at once, from different
/// threads.
class Prepared {
 public:
  virtual ~Prepared() = default;
  /// Runs and checks every result; blocks until done. Throws DeviceError when the device is lost.
  [[nodiscard]] virtual Burst run(const RunFor& how) = 0;
  /// Arms a fault for the next run. Null: this fault cannot strike this workload (a write sweep has
  /// nothing to miscompare); try another burst.
  [[nodiscard]] virtual std::unique_ptr<ArmedFault> arm(const Fault& fault) = 0;
};

/// Why a device cannot do a workload: recorded as a skip, never FAIL and never PASS.
struct Unsupported {
  std::string reason;
};
using Preparation = std::variant<std::unique_ptr<Prepared>, Unsupported>;

/// Where a Region lives.
enum class Place {
  device,  ///< the device's own memory
  host,  ///< the host's side of a host copy: pinned; for a CPU device, another NUMA node when there
         ///< is one
  pageable,  ///< the same in ordinary memory, neither pinned nor locked
};

/// Which of the host's NUMA nodes memory lies on, as a device sees them.
enum class Numa {
  any,   ///< wherever the back end, the driver or the kernel puts it
  near,  ///< the device's own node
  far,   ///< the farthest other node that has memory and processors
};

/// One accelerator, or one NUMA node of the host. All calls may throw DeviceError.
class Device {
 public:
  virtual ~Device() = default;
  [[nodiscard]] virtual const DeviceInfo& info() const = 0;
  /// `size_bytes` is rounded up to a multiple of 64. Throws DeviceError when there is not enough.
  [[nodiscard]] virtual Region allocate(std::uint64_t size_bytes, Place place = Place::device) = 0;
  /// Memory of the host, Place::host or Place::pageable, on a node of choice. Where its pages
  /// really lie is looked up: it is there, or there is a reason. Throws DeviceError when there is
  /// not enough, or the kernel put pages elsewhere.
  [[nodiscard]] virtual std::variant<Region, Unsupported> allocate_host(std::uint64_t size_bytes,
                                                                        Place place, Numa numa);
  /// May compile, may take minutes. A Reduce blocks until every rank prepares its own.
  [[nodiscard]] virtual Preparation prepare(const Workload& workload) = 0;
  /// Fresh bytes, at most kMaxExchanged, that tell the ranks of one collective from all others;
  /// made by rank 0 and passed on to the others as Reduce::id.
  [[nodiscard]] virtual std::variant<std::string, Unsupported> collective_id();
};
inline constexpr std::size_t kMaxExchanged =
    1024;  ///< bytes that one device tells its peers at once

/// Thrown by a discovery: this machine has nothing of the kind, which is no failure.
struct Absent {
  std::string reason;
};

/// One vendor API. Registered at the bottom of its folder's one discovery file.
struct Backend {
  std::string name;
  /// All devices of the kind; `spec` is the back end's own text (empty: what is in this machine).
  /// An unreadable spec is an Error, a failing driver a DeviceError, none at all Absent.
  Expected<std::vector<std::unique_ptr<Device>>> (*discover)(const std::string& spec);
};
bool register_backend(Backend backend);
[[nodiscard]] const std::vector<Backend>& backends();

}  // namespace rackproof
