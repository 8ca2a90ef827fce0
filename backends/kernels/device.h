// SPDX-License-Identifier: Apache-2.0
// A Device whose workloads are the kernels of this folder.
#pragma once

#include <memory>

#include "backends/kernels/card.h"
#include "core/device.h"

namespace rackproof::kernels {

class KernelDevice : public Device {
 public:
  explicit KernelDevice(std::shared_ptr<Card> card) : card_(std::move(card)) {}
  [[nodiscard]] const DeviceInfo& info() const override { return card_->info(); }
  [[nodiscard]] Region allocate(std::uint64_t size_bytes, Place place = Place::device) override;
  [[nodiscard]] std::variant<Region, Unsupported> allocate_host(std::uint64_t size_bytes,
                                                                Place place, Numa numa) override;
  [[nodiscard]] Preparation prepare(const Workload& workload) override;
  [[nodiscard]] std::variant<std::string, Unsupported> collective_id() override;

 private:
  std::shared_ptr<Card> card_;
};

}  // namespace rackproof::kernels
