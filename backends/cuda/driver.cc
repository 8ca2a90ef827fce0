// SPDX-License-Identifier: Apache-2.0
#include "backends/cuda/driver.h"

#include <fmt/format.h>

#include <vector>

#include "backends/cuda/collective.h"
#include "backends/cuda/graph.h"
#include "backends/cuda/multiplier.h"
#include "backends/cuda/programs.h"
#include "core/units.h"

namespace rackproof::cuda {
namespace {

using kernels::bytes_text;

CUstream stream_of(Queue queue) { return static_cast<CUstream>(queue); }

class CudaFunction : public kernels::Function {
 public:
  CudaFunction(CudaDriver& driver, CUfunction function, std::string name)
      : driver_(driver), function_(function), name_(std::move(name)) {}

  void launch(Queue queue, std::span<const kernels::Argument> arguments, std::uint64_t groups,
              std::uint64_t items) override {
    constexpr std::uint64_t kMostGroups = 0x7fffffff;
    if (groups > kMostGroups) {
      throw DeviceError(fmt::format("{} on {}: {} groups are more than a launch may have", name_,
                                    driver_.id(), groups));
    }
    std::vector<void*> values;
    for (const kernels::Argument& argument : arguments)
      values.push_back(const_cast<std::uint64_t*>(&argument.bits));
    driver_.use();
    check(cu().cuLaunchKernel(function_, static_cast<unsigned>(groups), 1, 1,
                              static_cast<unsigned>(items), 1, 1, 0, stream_of(queue),
                              values.data(), nullptr),
          "cuLaunchKernel", driver_.id(), name_);
  }

 private:
  CudaDriver& driver_;
  CUfunction function_;
  std::string name_;
};

}  // namespace

CudaDriver::~CudaDriver() {
  if (context_ != nullptr) cu().cuDevicePrimaryCtxRelease(device_);
}

CUcontext CudaDriver::context() {
  const std::lock_guard lock(mutex_);
  if (context_ == nullptr) {
    check(cu().cuDevicePrimaryCtxRetain(&context_, device_), "cuDevicePrimaryCtxRetain", id_);
  }
  return context_;
}

void CudaDriver::use() { check(cu().cuCtxSetCurrent(context()), "cuCtxSetCurrent", id_); }

Queue CudaDriver::make_queue(std::size_t) {
  use();
  CUstream stream = nullptr;
  check(cu().cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING), "cuStreamCreate", id_);
  return stream;
}

CUmodule CudaDriver::program(const std::string& name) {
  const std::lock_guard lock(mutex_);
  CUmodule& ready = programs_[name];
  if (ready != nullptr) return ready;
  const std::string_view image = program_named(name);
  if (image.empty()) throw DeviceError(fmt::format("this build has no CUDA program {}", name));
  CUmodule module = nullptr;
  check(cu().cuModuleLoadData(&module, image.data()), "cuModuleLoadData", id_, name);
  tell_cores(module, name);
  return ready = module;
}

// A program that does not know how many there are would put all findings on the first one.
void CudaDriver::tell_cores(CUmodule module, const std::string& name) {
  CUdeviceptr cores = 0;
  std::size_t size = 0;
  check(cu().cuModuleGetGlobal(&cores, &size, module, "rackproof_cores"), "cuModuleGetGlobal", id_,
        name);
  if (size != sizeof cores_)
    throw DeviceError(fmt::format("rackproof_cores of {} on {} has {} bytes", name, id_, size));
  check(cu().cuMemcpyHtoDAsync(cores, &cores_, sizeof cores_, nullptr), "cuMemcpyHtoDAsync", id_);
  check(cu().cuStreamSynchronize(nullptr), "cuStreamSynchronize", id_);
}

std::unique_ptr<kernels::Function> CudaDriver::function(const kernels::Source& source,
                                                        const std::string& name) {
  use();
  CUfunction function = nullptr;
  check(cu().cuModuleGetFunction(&function, program(source.name), name.c_str()),
        "cuModuleGetFunction", id_, name);
  return std::make_unique<CudaFunction>(*this, function, name);
}

std::unique_ptr<kernels::Multiplier> CudaDriver::multiplier(const kernels::Problem& problem) {
  return make_multiplier(*this, problem);
}

std::string CudaDriver::collective_id() { return nccl_id(); }

std::unique_ptr<kernels::Collector> CudaDriver::collector(const Reduce& reduce) {
  return make_collector(*this, reduce);
}

Handle CudaDriver::allocate(std::uint64_t size_bytes) {
  use();
  CUdeviceptr memory = 0;
  check(cu().cuMemAlloc(&memory, size_bytes), "cuMemAlloc", id_, bytes_text(size_bytes));
  return memory;
}

void CudaDriver::release(Handle memory) noexcept {
  cu().cuCtxSetCurrent(context_);
  cu().cuMemFree(memory);
}

std::uint64_t* CudaDriver::pin(std::uint64_t size_bytes) {
  use();
  void* memory = nullptr;
  check(cu().cuMemHostAlloc(&memory, size_bytes, CU_MEMHOSTALLOC_PORTABLE), "cuMemHostAlloc", id_,
        bytes_text(size_bytes));
  return static_cast<std::uint64_t*>(memory);
}

void CudaDriver::unpin(std::uint64_t* memory) noexcept {
  cu().cuCtxSetCurrent(context_);
  cu().cuMemFreeHost(memory);
}

void CudaDriver::pin_there(std::uint64_t* memory, std::uint64_t size_bytes) {
  use();
  const CUresult status = cu().cuMemHostRegister(memory, size_bytes, CU_MEMHOSTREGISTER_PORTABLE);
  if (status == CUDA_ERROR_NOT_SUPPORTED)
    throw kernels::Refused{"the driver pins no memory that it did not allocate"};
  check(status, "cuMemHostRegister", id_, bytes_text(size_bytes));
}

void CudaDriver::unpin_there(std::uint64_t* memory) noexcept {
  cu().cuCtxSetCurrent(context_);
  cu().cuMemHostUnregister(memory);
}

void CudaDriver::zero(Queue queue, Handle memory, std::uint64_t size_bytes) {
  use();
  check(cu().cuMemsetD8Async(memory, 0, size_bytes, stream_of(queue)), "cuMemsetD8Async", id_,
        bytes_text(size_bytes));
}

void CudaDriver::write(Queue queue, Handle to, std::uint64_t offset, std::uint64_t size_bytes,
                       const void* from) {
  use();
  check(cu().cuMemcpyHtoDAsync(to + offset, from, size_bytes, stream_of(queue)),
        "cuMemcpyHtoDAsync", id_, bytes_text(size_bytes));
}

void CudaDriver::read(Queue queue, Handle from, std::uint64_t offset, std::uint64_t size_bytes,
                      void* to) {
  use();
  check(cu().cuMemcpyDtoHAsync(to, from + offset, size_bytes, stream_of(queue)),
        "cuMemcpyDtoHAsync", id_, bytes_text(size_bytes));
}

void CudaDriver::read_every(Queue queue, Handle from, std::uint64_t offset, std::uint64_t width,
                            std::uint64_t step, std::uint64_t count, void* to) {
  if (step == width) return read(queue, from, offset, width * count, to);
  use();
  CUDA_MEMCPY2D lines{};
  lines.srcMemoryType = CU_MEMORYTYPE_DEVICE;
  lines.srcDevice = from + offset;
  lines.srcPitch = step;
  lines.dstMemoryType = CU_MEMORYTYPE_HOST;
  lines.dstHost = to;
  lines.dstPitch = width;
  lines.WidthInBytes = width;
  lines.Height = count;
  check(cu().cuMemcpy2DAsync(&lines, stream_of(queue)), "cuMemcpy2DAsync", id_);
}

void CudaDriver::copy(Queue queue, Handle from, Handle to, std::uint64_t size_bytes) {
  use();
  check(cu().cuMemcpyDtoDAsync(to, from, size_bytes, stream_of(queue)), "cuMemcpyDtoDAsync", id_,
        bytes_text(size_bytes));
}

// Without it the copy goes by way of the host, which the measured rate shows.
void CudaDriver::open_way_from(CudaDriver& peer) {
  const CUcontext theirs = peer.context();
  use();
  const std::lock_guard lock(mutex_);
  if (!ways_.emplace(&peer, true).second) return;
  int can = 0;
  check(cu().cuDeviceCanAccessPeer(&can, device_, peer.device_), "cuDeviceCanAccessPeer", id_);
  if (can == 0) return;
  const CUresult status = cu().cuCtxEnablePeerAccess(theirs, 0);
  if (status != CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED)
    check(status, "cuCtxEnablePeerAccess", id_, peer.id_);
}

void CudaDriver::copy_from(Queue queue, kernels::Driver& peer, Handle from, Handle to,
                           std::uint64_t size_bytes) {
  auto& theirs = dynamic_cast<CudaDriver&>(peer);
  open_way_from(theirs);
  check(cu().cuMemcpyPeerAsync(to, context(), from, theirs.context(), size_bytes, stream_of(queue)),
        "cuMemcpyPeerAsync", id_, bytes_text(size_bytes));
}

std::unique_ptr<kernels::Recording> CudaDriver::record(Queue queue,
                                                       const std::function<void()>& work) {
  return record_graph(*this, queue, work);
}

void CudaDriver::finish(Queue queue) {
  use();
  check(cu().cuStreamSynchronize(stream_of(queue)), "cuStreamSynchronize", id_);
}

bool CudaDriver::finished(Queue queue) {
  use();
  const CUresult status = cu().cuStreamQuery(stream_of(queue));
  if (status == CUDA_ERROR_NOT_READY) return false;
  check(status, "cuStreamQuery", id_);
  return true;
}

}  // namespace rackproof::cuda
