// SPDX-License-Identifier: Apache-2.0
// One NUMA node of this host as a Device.
#pragma once

#include <memory>

#include "backends/cpu/node.h"
#include "core/device.h"

namespace rackproof::cpu {

class CpuDevice : public Device {
 public:
  CpuDevice(std::shared_ptr<Node> node, DeviceInfo info)
      : node_(std::move(node)), info_(std::move(info)) {}
  [[nodiscard]] const DeviceInfo& info() const override { return info_; }
  [[nodiscard]] Region allocate(std::uint64_t size_bytes, Place place = Place::device) override;
  [[nodiscard]] std::variant<Region, Unsupported> allocate_host(std::uint64_t size_bytes,
                                                                Place place, Numa numa) override;
  [[nodiscard]] Preparation prepare(const Workload& workload) override;

 private:
  std::shared_ptr<Node> node_;
  DeviceInfo info_;
};

}  // namespace rackproof::cpu
