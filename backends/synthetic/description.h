// SPDX-License-Identifier: Apache-2.0
// The text that describes a synthetic rack: how many devices, how fast, and what is wrong with
// them.
//
//   rack nodes=4 devices=8 memory=256MiB cores=16 bandwidth=400GB/s fp32=20TFLOP/s  # first, and
//   once n1-d3 wrong=result every=10   # device 3 of node 1, both counted from 0
//
// Lines end at a newline or ';', comments start at '#', a value follows its key without a space.
// Of the rack, or of one device: kind (what it stands for: gpu), name ("_" for a space), memory,
// cores, numa_nodes (of its host), numa_node (its own), bandwidth, host_link, peer_link, int8,
// fp4_e2m1, fp8_e4m3, fp8_e5m2, fp16, bf16, tf32, fp32, fp64 (their speed; none: not supported),
// spread (how much slower a burst may be by chance). Of one device alone:
//   absent                 it is not discovered
//   slow=20%               everything runs that much slower
//   wrong=result|stuck|memory|transfer|core:N   see Wrong
//   lies=size|rate|count   see Lie
//   silent                 bursts end with no digest, cores or findings
//   hang=WORK error=WORK   WORK: all, gemm, fill, check, sweep, stripe, copy, triad, mix,
//                          reduce, or a stressor that runs it
//   crash=SEGV             ends the process by that signal, by name or number
//   late=2s                answers that much too late
//   unsupported=WORD       a work or a data type
//   hot=95degC             its temperature; shown in its name, since it has no sensor
//   far_slow=50%           copies to and from the host's other NUMA nodes are that much slower
//   link_slow=d5:50%       what arrives from device 5 of its node does so that much slower
//   link_wrong=d5          a bit flips in what arrives from there
//   link_hang=d5           what should arrive from there never does
//   after=N every=N        the first N chances go well; then every N-th one is struck
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/workload.h"

namespace rackproof {

/// What goes wrong in a device's answers.
enum class Wrong {
  nothing,
  result,    ///< one flipped bit of one computed element
  stuck,     ///< the same wrong element in every iteration, from the first
  memory,    ///< a stored bit flips
  transfer,  ///< a bit flips on the way of a copy
  core,      ///< as `result`, only among the elements of one core
};

/// What a device claims that is not so.
enum class Lie {
  nothing,
  size,   ///< twice its true memory: addresses wrap
  rate,   ///< ten times its work in the same time
  count,  ///< no miscompares, although its results are wrong
};

/// What is wrong with the link from one device of the node to another.
struct LinkQuirk {
  double slow = 0;  ///< ratio
  bool wrong = false, hang = false;
};

/// One device of the description. Rates in base units (B/s, FLOP/s, OP/s); 0 where unsupported.
struct SyntheticDescription {
  std::uint32_t node = 0, device = 0, serial = 0;
  std::string kind = "synthetic", name = "synthetic accelerator";  ///< as DeviceInfo's
  std::uint64_t memory_bytes = 256ULL << 20;                       ///< true size; a multiple of 64
  std::uint32_t cores = 16;
  std::uint32_t numa_nodes = 1;  ///< of its host
  int numa_node = -1;            ///< its own; -1: not known
  double bandwidth = 400e9, host_link = 50e9, peer_link = 100e9;
  std::map<DType, double> gemm = {{DType::i8, 80e12}, {DType::fp32, 20e12}, {DType::fp64, 10e12}};
  double spread = 0.005;  ///< ratio

  bool absent = false, silent = false;
  double slow = 0, far_slow = 0;  ///< ratios
  Wrong wrong = Wrong::nothing;
  std::uint32_t wrong_core = 0;
  Lie lie = Lie::nothing;
  std::string hang, error;  ///< "all", a work's kind, or empty
  std::string unsupported;  ///< a work's kind, a data type, or empty
  int crash_signal = 0;     ///< 0: none
  double late_s = 0;
  std::optional<double> hot_celsius;
  std::map<std::uint32_t, LinkQuirk> links;  ///< by the device of its node that data comes from
  std::uint64_t after = 0;
  std::optional<std::uint64_t> every;

  [[nodiscard]] std::string id() const;  ///< "n1-d3"
};

/// All devices of the text, absent ones included. Errors carry `file`, line, column and what would
/// be right. Text without any line describes no devices.
[[nodiscard]] Expected<std::vector<SyntheticDescription>> parse_synthetic(std::string_view text,
                                                                          const std::string& file);

}  // namespace rackproof
