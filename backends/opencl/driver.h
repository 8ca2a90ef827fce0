// SPDX-License-Identifier: Apache-2.0
// One OpenCL device as the driver of backends/kernels: context, sub-devices, programs, buffers.
#pragma once

#include <map>
#include <mutex>
#include <utility>

#include "backends/kernels/driver.h"
#include "backends/opencl/checked.h"
#include "backends/opencl/properties.h"

namespace rackproof::opencl {

using kernels::Handle;
using kernels::Queue;

/// Queues are never released: threads of drivers (PoCL 3.1) still touch one for a moment after
/// clFinish has returned.
class ClDriver : public kernels::Driver {
 public:
  /// `id`: what errors call the device.
  ClDriver(cl_device_id device, kernels::Traits traits, std::string id)
      : device_(device), traits_(std::move(traits)), id_(std::move(id)) {}

  [[nodiscard]] std::size_t lanes() override;
  [[nodiscard]] Queue make_queue(std::size_t lane) override;
  /// An Error of the compiler has the start of its log.
  [[nodiscard]] std::unique_ptr<kernels::Function> function(const kernels::Source& source,
                                                            const std::string& name) override;
  [[nodiscard]] Handle allocate(std::uint64_t size_bytes) override;
  void release(Handle memory) noexcept override;
  [[nodiscard]] std::uint64_t* pin(std::uint64_t size_bytes) override;
  void unpin(std::uint64_t* memory) noexcept override;
  void zero(Queue queue, Handle memory, std::uint64_t size_bytes) override;
  void write(Queue queue, Handle to, std::uint64_t offset, std::uint64_t size_bytes,
             const void* from) override;
  void read(Queue queue, Handle from, std::uint64_t offset, std::uint64_t size_bytes,
            void* to) override;
  void read_every(Queue queue, Handle from, std::uint64_t offset, std::uint64_t width,
                  std::uint64_t step, std::uint64_t count, void* to) override;
  void copy(Queue queue, Handle from, Handle to, std::uint64_t size_bytes) override;
  void flush(Queue queue) override;
  void finish(Queue queue) override;

 private:
  struct Open;
  Open& open();
  static void keep(std::unique_ptr<Open> opened);
  [[nodiscard]] cl_command_queue service();
  [[nodiscard]] cl_program program(const kernels::Source& source);
  [[nodiscard]] MemoryOwner buffer(std::uint64_t size_bytes, cl_mem_flags flags);

  cl_device_id device_;
  kernels::Traits traits_;
  std::string id_;
  std::mutex mutex_;
  Open* open_ = nullptr;
  std::map<std::uint64_t*, MemoryOwner> pinned_;
};

}  // namespace rackproof::opencl
