// SPDX-License-Identifier: Apache-2.0
// One OpenCL device at work: its context, its lanes, its programs, the book of its memory.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "backends/opencl/checked.h"
#include "backends/opencl/properties.h"
#include "core/device.h"

namespace rackproof::opencl {

/// How a program is made: embedded files, in order, and the compiler's options.
struct Source {
  std::vector<std::string_view> files;
  std::string options;
};

/// Shared by a Device, its Prepareds and its Regions; safe from several threads. Nothing is asked
/// of the driver before the first use.
class Card {
 public:
  Card(cl_device_id device, Traits traits, DeviceInfo info)
      : device_(device), traits_(std::move(traits)), info_(std::move(info)) {}

  [[nodiscard]] const Traits& traits() const { return traits_; }
  [[nodiscard]] const DeviceInfo& info() const { return info_; }
  [[nodiscard]] const std::string& id() const { return info_.id; }

  /// Sub-devices of one compute unit each where the device can be divided so, else the device.
  [[nodiscard]] std::size_t lanes();
  /// A queue of a lane, for one user at a time; to be given back. Queues are never released:
  /// threads of drivers (PoCL 3.1) still touch one for a moment after clFinish has returned.
  [[nodiscard]] Queue take_queue(std::size_t lane);
  void give_back(std::size_t lane, Queue queue);
  /// How many cores findings are kept apart for: as many as can be told apart.
  [[nodiscard]] std::uint32_t cores();
  /// Whether findings name the compute unit that made them.
  [[nodiscard]] bool cores_known();

  /// Built once for each source. Throws DeviceError with the start of the compiler's log.
  [[nodiscard]] cl_program program(const Source& source);

  /// Throws DeviceError when the device has not that much memory left, or refuses.
  [[nodiscard]] Buffer buffer(std::uint64_t size_bytes, cl_mem_flags flags = CL_MEM_READ_WRITE);
  /// Keeps the book of memory that outlives a call; throws DeviceError when there is not enough.
  void reserve(std::uint64_t size_bytes);
  void release(std::uint64_t size_bytes);

  /// For what is not a Prepared's own work; from any thread.
  [[nodiscard]] cl_command_queue service();
  /// Blocking accesses apart from every Prepared's queue, for faults and their observer.
  void read(cl_mem from, std::uint64_t offset, std::uint64_t size_bytes, void* to);
  void write(cl_mem to, std::uint64_t offset, std::uint64_t size_bytes, const void* from);

 private:
  struct Open;
  Open& open();
  static void keep(std::unique_ptr<Open> opened);

  cl_device_id device_;
  Traits traits_;
  DeviceInfo info_;
  std::mutex mutex_;
  Open* open_ = nullptr;
  std::uint64_t reserved_bytes_ = 0;
};

}  // namespace rackproof::opencl
