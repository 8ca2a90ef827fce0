// SPDX-License-Identifier: Apache-2.0
// How the workloads of this folder work with a device.
#pragma once

#include <cstdint>
#include <string>

namespace rackproof::kernels {

struct Traits {
  std::uint32_t compute_units = 1;
  std::uint64_t memory_bytes = 0, largest_buffer_bytes = 0;
  bool cpu = false;  ///< items of a group run one after the other
  bool fp64 = false;
  bool names_cores = false;    ///< a kernel can tell which compute unit it runs on (NVIDIA's %smid)
  bool directs_cores = false;  ///< a kernel of many groups gets some onto every compute unit
  bool matrix_units = false;   ///< that the kernels of backends/kernels drive
  bool divisible = false;      ///< into sub-devices of one compute unit each
  std::string refusal;         ///< why it can run nothing of ours; empty: it can
  std::string no_fp64;         ///< what says so when fp64 is false
};

}  // namespace rackproof::kernels
