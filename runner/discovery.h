// SPDX-License-Identifier: Apache-2.0
// Which devices are there: each back end looks in a worker of its own, so that a driver that
// crashes, hangs or talks nonsense costs that back end only.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "core/device.h"
#include "runner/process.h"

namespace rackproof {

struct DiscoveryRequest {
  std::map<std::string, std::string>
      specs;                      ///< by back end's name; missing: what is in this machine
  std::vector<std::string> only;  ///< back ends to ask; empty: all registered ones
  std::vector<std::string> worker_command = default_worker_command();
  double deadline_s = 30;
  const std::atomic<bool>* stop = nullptr;  ///< set by a signal handler: give up
  Spawn spawn = rackproof::spawn;
};

struct Discovered {
  std::vector<DeviceInfo> devices;    ///< by back end's name, then as found
  std::vector<std::string> problems;  ///< "opencl: discovery ended by signal 11 (SIGSEGV)"
  std::vector<std::string> absent;    ///< "cuda: no NVIDIA driver: libcuda.so.1: ..."
};

/// An Error for wrong input: a back end that this build does not have, or a spec that it refuses;
/// and when it was stopped.
[[nodiscard]] Expected<Discovered> discover(const DiscoveryRequest& request);

}  // namespace rackproof
