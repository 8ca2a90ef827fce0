// SPDX-License-Identifier: Apache-2.0
// One NVIDIA GPU as the driver of backends/kernels: its primary context, streams, programs, memory.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "backends/cuda/api.h"
#include "backends/kernels/driver.h"

namespace rackproof::cuda {

using kernels::Handle;
using kernels::Queue;

/// Opened by its first use. A context's error (a lost GPU, an illegal address) stays with the
/// process: every later call throws it again.
class CudaDriver : public kernels::Driver {
 public:
  /// `id`: what errors call the device. `cores`: its multiprocessors.
  CudaDriver(CUdevice device, std::uint32_t cores, std::string id)
      : device_(device), cores_(cores), id_(std::move(id)) {}
  ~CudaDriver() override;
  CudaDriver(const CudaDriver&) = delete;
  CudaDriver& operator=(const CudaDriver&) = delete;

  /// Makes the context this thread's; opens the device when nobody has.
  void use();
  [[nodiscard]] CUcontext context();
  [[nodiscard]] CUdevice device() const { return device_; }
  [[nodiscard]] const std::string& id() const { return id_; }

  [[nodiscard]] std::size_t lanes() override { return 1; }
  [[nodiscard]] Queue make_queue(std::size_t lane) override;
  /// Of a program that the build made under source.name.
  [[nodiscard]] std::unique_ptr<kernels::Function> function(const kernels::Source& source,
                                                            const std::string& name) override;
  [[nodiscard]] std::unique_ptr<kernels::Multiplier> multiplier(
      const kernels::Problem& problem) override;
  [[nodiscard]] Handle allocate(std::uint64_t size_bytes) override;
  void release(Handle memory) noexcept override;
  [[nodiscard]] std::uint64_t* pin(std::uint64_t size_bytes) override;
  void unpin(std::uint64_t* memory) noexcept override;
  void pin_there(std::uint64_t* memory, std::uint64_t size_bytes) override;
  void unpin_there(std::uint64_t* memory) noexcept override;
  void zero(Queue queue, Handle memory, std::uint64_t size_bytes) override;
  void write(Queue queue, Handle to, std::uint64_t offset, std::uint64_t size_bytes,
             const void* from) override;
  void read(Queue queue, Handle from, std::uint64_t offset, std::uint64_t size_bytes,
            void* to) override;
  void read_every(Queue queue, Handle from, std::uint64_t offset, std::uint64_t width,
                  std::uint64_t step, std::uint64_t count, void* to) override;
  void copy(Queue queue, Handle from, Handle to, std::uint64_t size_bytes) override;
  [[nodiscard]] bool reaches(const kernels::Driver& peer) const override {
    return dynamic_cast<const CudaDriver*>(&peer) != nullptr;
  }
  [[nodiscard]] std::string collective_id() override;
  [[nodiscard]] std::unique_ptr<kernels::Collector> collector(const Reduce& reduce) override;
  void copy_from(Queue queue, kernels::Driver& peer, Handle from, Handle to,
                 std::uint64_t size_bytes) override;
  [[nodiscard]] std::unique_ptr<kernels::Recording> record(
      Queue queue, const std::function<void()>& work) override;
  void flush(Queue) override {}
  void finish(Queue queue) override;
  /// Whether all that was started there is done.
  [[nodiscard]] bool finished(Queue queue);

 private:
  [[nodiscard]] CUmodule program(const std::string& name);
  void tell_cores(CUmodule module, const std::string& name);
  void open_way_from(CudaDriver& peer);

  CUdevice device_;
  std::uint32_t cores_;
  std::string id_;
  std::mutex mutex_;
  CUcontext context_ = nullptr;
  std::map<std::string, CUmodule> programs_;
  std::map<const CudaDriver*, bool> ways_;  // peers asked for direct access
};

}  // namespace rackproof::cuda
