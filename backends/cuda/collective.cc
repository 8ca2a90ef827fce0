// SPDX-License-Identifier: Apache-2.0
#include "backends/cuda/collective.h"

#include <fmt/format.h>
#include <nccl.h>

#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "backends/cuda/library.h"
#include "core/collective.h"
#include "core/device.h"

namespace rackproof::cuda {
namespace {

using kernels::Queue;

#define RACKPROOF_NCCL_CALLS(X) \
  X(ncclGetUniqueId)            \
  X(ncclCommInitRank)           \
  X(ncclCommAbort)              \
  X(ncclCommGetAsyncError)      \
  X(ncclGetErrorString)         \
  X(ncclGetLastError)           \
  X(ncclAllReduce)              \
  X(ncclAllGather)              \
  X(ncclReduceScatter)          \
  X(ncclSend)                   \
  X(ncclRecv)                   \
  X(ncclGroupStart)             \
  X(ncclGroupEnd)

struct Nccl {
#define RACKPROOF_NCCL_MEMBER(name) decltype(&::name) name = nullptr;
  RACKPROOF_NCCL_CALLS(RACKPROOF_NCCL_MEMBER)
#undef RACKPROOF_NCCL_MEMBER
};

Expected<Nccl> load() {
  const auto handle = open_library("libnccl.so.2");
  if (!handle) return fail("no collectives without NCCL: " + handle.error().message);
  Nccl nccl;
#define RACKPROOF_NCCL_FIND(name) \
  if (!find_function(*handle, #name, nccl.name)) return fail("libnccl.so.2 lacks " #name);
  RACKPROOF_NCCL_CALLS(RACKPROOF_NCCL_FIND)
#undef RACKPROOF_NCCL_FIND
  return nccl;
}

const Nccl& nccl() {
  static const Expected<Nccl> loaded = load();
  if (!loaded) throw kernels::Refused{loaded.error().message};
  return *loaded;
}

// NCCL's own words on it, where it has any: which file, which peer.
std::string last_words() {
  const char* text = nccl().ncclGetLastError(nullptr);
  return text == nullptr || *text == '\0' ? "" : fmt::format(" ({})", text);
}

void check(ncclResult_t status, const char* call, const std::string& device) {
  if (status == ncclSuccess) return;
  throw DeviceError(
      fmt::format("{} on {}: {}{}", call, device, nccl().ncclGetErrorString(status), last_words()));
}

// NCCL moves integers of 32 bits; sums of them are what they are on any device.
ncclDataType_t type_of(DType type) {
  switch (type) {
    case DType::i32:
      return ncclInt32;
    case DType::fp16:
      return ncclFloat16;
    case DType::bf16:
      return ncclBfloat16;
    case DType::fp32:
      return ncclFloat32;
    case DType::fp64:
      return ncclFloat64;
    default:
      throw kernels::Refused{fmt::format("NCCL has no {}", name(type))};
  }
}

class NcclCollector : public kernels::Collector {
 public:
  NcclCollector(CudaDriver& driver, const Reduce& reduce)
      : driver_(driver), reduce_(reduce), type_(type_of(reduce.type)) {
    ncclUniqueId id;
    if (reduce.id.size() != sizeof id.internal)
      throw DeviceError(
          fmt::format("NCCL's id has {} bytes, not {}", sizeof id.internal, reduce.id.size()));
    std::memcpy(id.internal, reduce.id.data(), sizeof id.internal);
    driver.use();
    check(nccl().ncclCommInitRank(&comm_, static_cast<int>(reduce.ranks), id,
                                  static_cast<int>(reduce.rank)),
          "ncclCommInitRank", driver.id());
  }
  // Abort, since the other ranks may be gone.
  ~NcclCollector() override { end(); }
  NcclCollector(const NcclCollector&) = delete;
  NcclCollector& operator=(const NcclCollector&) = delete;

  void start(Queue queue, Handle input, Handle result) override {
    driver_.use();
    const auto stream = static_cast<cudaStream_t>(queue);
    const void* const from = reinterpret_cast<const void*>(input);
    void* const to = reinterpret_cast<void*>(result);
    const Nccl& api = nccl();
    switch (reduce_.kind) {
      case Collective::all_reduce:
        return check(api.ncclAllReduce(from, to, collective_elements(reduce_), type_, ncclSum,
                                       comm_, stream),
                     "ncclAllReduce", driver_.id());
      case Collective::all_gather:
        return check(api.ncclAllGather(from, to, share_elements(reduce_), type_, comm_, stream),
                     "ncclAllGather", driver_.id());
      case Collective::reduce_scatter:
        return check(
            api.ncclReduceScatter(from, to, share_elements(reduce_), type_, ncclSum, comm_, stream),
            "ncclReduceScatter", driver_.id());
      case Collective::all_to_all:
        return exchange(input, result, stream);
    }
  }

  // A kernel that waits for a peer which is gone never ends by itself: NCCL knows of it first.
  void finish(Queue queue) override {
    for (auto asked = Clock::now(); !driver_.finished(queue); std::this_thread::yield()) {
      if (Clock::now() - asked < kAskAgainAfter) continue;
      require_sound();
      asked = Clock::now();
    }
    require_sound();
  }

 private:
  static constexpr std::chrono::milliseconds kAskAgainAfter{10};

  // Ends NCCL's kernels, too: freeing memory would wait for them.
  void end() {
    if (comm_ != nullptr) nccl().ncclCommAbort(std::exchange(comm_, nullptr));
  }

  void require_sound() {
    ncclResult_t status = ncclSuccess;
    check(nccl().ncclCommGetAsyncError(comm_, &status), "ncclCommGetAsyncError", driver_.id());
    if (status == ncclSuccess || status == ncclInProgress) return;
    end();
    check(status, "NCCL", driver_.id());
  }

  void exchange(Handle input, Handle result, cudaStream_t stream) {
    const Nccl& api = nccl();
    const std::uint64_t share = share_elements(reduce_), bytes = share * size_of(reduce_.type);
    check(api.ncclGroupStart(), "ncclGroupStart", driver_.id());
    for (std::uint32_t peer = 0; peer < reduce_.ranks; ++peer) {
      const int rank = static_cast<int>(peer);
      check(api.ncclSend(reinterpret_cast<const void*>(input + peer * bytes), share, type_, rank,
                         comm_, stream),
            "ncclSend", driver_.id());
      check(api.ncclRecv(reinterpret_cast<void*>(result + peer * bytes), share, type_, rank, comm_,
                         stream),
            "ncclRecv", driver_.id());
    }
    check(api.ncclGroupEnd(), "ncclGroupEnd", driver_.id());
  }

  CudaDriver& driver_;
  Reduce reduce_;
  ncclDataType_t type_;
  ncclComm_t comm_ = nullptr;
};

}  // namespace

std::string nccl_id() {
  ncclUniqueId id;
  check(nccl().ncclGetUniqueId(&id), "ncclGetUniqueId", "this machine");
  return {id.internal, sizeof id.internal};
}

std::unique_ptr<kernels::Collector> make_collector(CudaDriver& driver, const Reduce& reduce) {
  return std::make_unique<NcclCollector>(driver, reduce);
}

}  // namespace rackproof::cuda
