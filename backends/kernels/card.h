// SPDX-License-Identifier: Apache-2.0
// One device at work: its driver, its idle queues, the book of its memory.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backends/host/pages.h"
#include "backends/kernels/driver.h"
#include "backends/kernels/traits.h"
#include "core/device.h"

namespace rackproof::kernels {

/// Owns a piece of device memory.
class Buffer {
 public:
  Buffer() = default;
  Buffer(std::shared_ptr<Driver> driver, std::uint64_t size_bytes)
      : driver_(std::move(driver)), handle_(driver_->allocate(size_bytes)) {}
  Buffer(Buffer&& other) noexcept
      : driver_(std::move(other.driver_)), handle_(std::exchange(other.handle_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(driver_, other.driver_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() {
    if (handle_ != 0) driver_->release(handle_);
  }
  [[nodiscard]] Handle get() const { return handle_; }

 private:
  std::shared_ptr<Driver> driver_;
  Handle handle_ = 0;
};

/// Shared by a Device, its Prepareds and its Regions; safe from several threads.
class Card {
 public:
  /// `host` outlives it.
  Card(std::shared_ptr<Driver> driver, Traits traits, DeviceInfo info,
       const host::Host& host = host::this_host())
      : driver_(std::move(driver)),
        traits_(std::move(traits)),
        info_(std::move(info)),
        host_(host) {}

  [[nodiscard]] Driver& driver() const { return *driver_; }
  [[nodiscard]] const Traits& traits() const { return traits_; }
  [[nodiscard]] const DeviceInfo& info() const { return info_; }
  [[nodiscard]] const std::string& id() const { return info_.id; }
  [[nodiscard]] const host::Host& host() const { return host_; }

  /// Sub-devices of one compute unit each where the device can be divided so, else the device.
  [[nodiscard]] std::size_t lanes() { return driver_->lanes(); }
  /// A queue of a lane, for one user at a time; to be given back.
  [[nodiscard]] Queue take_queue(std::size_t lane);
  void give_back(std::size_t lane, Queue queue);
  /// How many cores findings are kept apart for: as many as can be told apart.
  [[nodiscard]] std::uint32_t cores();

  [[nodiscard]] Buffer buffer(std::uint64_t size_bytes) const { return {driver_, size_bytes}; }
  /// Keeps the book of memory that outlives a call; throws DeviceError when there is not enough.
  void reserve(std::uint64_t size_bytes);
  void release(std::uint64_t size_bytes);

  /// For what is not a Prepared's own work; from any thread.
  [[nodiscard]] Queue service();
  /// Blocking accesses apart from every Prepared's queue, for faults and their observer.
  void read(Handle from, std::uint64_t offset, std::uint64_t size_bytes, void* to);
  void write(Handle to, std::uint64_t offset, std::uint64_t size_bytes, const void* from);

 private:
  std::shared_ptr<Driver> driver_;
  Traits traits_;
  DeviceInfo info_;
  const host::Host& host_;
  std::mutex mutex_;
  std::vector<std::vector<Queue>> idle_;  // by lane
  Queue service_ = nullptr;
  std::uint64_t reserved_bytes_ = 0;
};

}  // namespace rackproof::kernels
