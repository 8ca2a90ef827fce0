// SPDX-License-Identifier: Apache-2.0
#include "runner/beating.h"

namespace rackproof {
namespace {

class BeatingPrepared : public Prepared {
 public:
  BeatingPrepared(std::unique_ptr<Prepared> inner, const std::function<void()>& beat)
      : inner_(std::move(inner)), beat_(beat) {}

  Burst run(const RunFor& how) override {
    Burst burst = inner_->run(how);
    beat_();
    return burst;
  }
  std::unique_ptr<ArmedFault> arm(const Fault& fault) override { return inner_->arm(fault); }

 private:
  std::unique_ptr<Prepared> inner_;
  const std::function<void()>& beat_;
};

class BeatingDevice : public Device {
 public:
  BeatingDevice(std::unique_ptr<Device> inner, std::function<void()> beat)
      : inner_(std::move(inner)), beat_(std::move(beat)) {}

  const DeviceInfo& info() const override { return inner_->info(); }
  Region allocate(std::uint64_t size_bytes, Place place) override {
    return inner_->allocate(size_bytes, place);
  }
  std::variant<Region, Unsupported> allocate_host(std::uint64_t size_bytes, Place place,
                                                  Numa numa) override {
    return inner_->allocate_host(size_bytes, place, numa);
  }
  Preparation prepare(const Workload& workload) override {
    Preparation preparation = inner_->prepare(workload);
    auto* prepared = std::get_if<std::unique_ptr<Prepared>>(&preparation);
    if (prepared == nullptr) return preparation;
    return std::make_unique<BeatingPrepared>(std::move(*prepared), beat_);
  }
  std::variant<std::string, Unsupported> collective_id() override {
    return inner_->collective_id();
  }

 private:
  std::unique_ptr<Device> inner_;
  std::function<void()> beat_;
};

}  // namespace

std::unique_ptr<Device> beating(std::unique_ptr<Device> inner, std::function<void()> beat) {
  return std::make_unique<BeatingDevice>(std::move(inner), std::move(beat));
}

}  // namespace rackproof
