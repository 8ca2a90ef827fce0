// SPDX-License-Identifier: Apache-2.0
// One OpenCL device as a Device, and how they are found.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/opencl/card.h"
#include "core/device.h"

namespace rackproof::opencl {

class OpenClDevice : public Device {
 public:
  explicit OpenClDevice(std::shared_ptr<Card> card) : card_(std::move(card)) {}
  [[nodiscard]] const DeviceInfo& info() const override { return card_->info(); }
  [[nodiscard]] Region allocate(std::uint64_t size_bytes, Place place = Place::device) override;
  [[nodiscard]] Preparation prepare(const Workload& workload) override;

 private:
  std::shared_ptr<Card> card_;
};

/// All devices of all platforms: without CPUs, which the cpu back end tests better, unless `spec`
/// is "all". No loader or no platform: none. Throws DeviceError when a platform fails.
[[nodiscard]] Expected<std::vector<std::unique_ptr<Device>>> discover(const std::string& spec);

}  // namespace rackproof::opencl
