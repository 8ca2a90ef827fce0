// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/card.h"

#include <fmt/format.h>

#include "core/units.h"

namespace rackproof::kernels {
void Driver::copy_from(Queue, Driver&, Handle, Handle, std::uint64_t) {
  throw DeviceError("this back end does not copy between devices");
}

Queue Card::take_queue(std::size_t lane) {
  {
    const std::lock_guard lock(mutex_);
    if (idle_.size() <= lane) idle_.resize(lane + 1);
    if (!idle_[lane].empty()) {
      const Queue queue = idle_[lane].back();
      idle_[lane].pop_back();
      return queue;
    }
  }
  return driver_->make_queue(lane);
}

void Card::give_back(std::size_t lane, Queue queue) {
  const std::lock_guard lock(mutex_);
  idle_[lane].push_back(queue);
}

Queue Card::service() {
  const std::lock_guard lock(mutex_);
  if (service_ == nullptr) service_ = driver_->make_queue(0);
  return service_;
}

std::uint32_t Card::cores() {
  return traits_.names_cores ? traits_.compute_units : static_cast<std::uint32_t>(lanes());
}

void Card::reserve(std::uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t most = info_.allocatable_bytes;
  if (size_bytes > most || reserved_bytes_ > most - size_bytes) {
    throw DeviceError(fmt::format("cannot allocate {} on {}: out of memory, {} in use of {}",
                                  bytes_text(size_bytes), id(), bytes_text(reserved_bytes_),
                                  bytes_text(most)));
  }
  reserved_bytes_ += size_bytes;
}

void Card::release(std::uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  reserved_bytes_ -= size_bytes;
}

void Card::read(Handle from, std::uint64_t offset, std::uint64_t size_bytes, void* to) {
  const Queue queue = service();
  driver_->read(queue, from, offset, size_bytes, to);
  driver_->finish(queue);
}

void Card::write(Handle to, std::uint64_t offset, std::uint64_t size_bytes, const void* from) {
  const Queue queue = service();
  driver_->write(queue, to, offset, size_bytes, from);
  driver_->finish(queue);
}

}  // namespace rackproof::kernels
