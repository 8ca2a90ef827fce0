// SPDX-License-Identifier: Apache-2.0
// For the tests of this folder: one small synthetic device, and bursts of known work on it.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "backends/synthetic/device.h"
#include "core/oracle.h"

namespace rackproof {

/// A device of 1 MiB, 4 cores, 1 GB/s and 1 GFLOP/s of fp32, with these words added.
inline std::unique_ptr<Device> small_device(const std::string& words = {}) {
  const std::string rack =
      "rack memory=1MiB cores=4 spread=0% bandwidth=1GB/s host_link=500MB/s fp32=1GFLOP/s";
  auto devices = discover_synthetic(rack + (words.empty() ? "" : "; n0-d0 " + words));
  if (!devices) throw std::invalid_argument(devices.error().text());
  return std::move(devices->at(0));
}

inline std::unique_ptr<Prepared> prepared_on(Device& device, const Workload& work) {
  return std::get<std::unique_ptr<Prepared>>(device.prepare(work));
}

inline constexpr Gemm kSmallGemm{DType::fp32, DType::fp32, 10, 10, 10, Operands::exact};

/// One iteration on this pattern.
inline RunFor once(std::uint64_t pattern = 7) { return {.iterations = 1, .pattern = pattern}; }

/// What a faultless device would say of the small gemm.
inline std::uint64_t small_golden(std::uint64_t pattern = 7) {
  return **golden({describe(kSmallGemm), pattern});
}

}  // namespace rackproof
