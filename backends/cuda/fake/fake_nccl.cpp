// SPDX-License-Identifier: Apache-2.0
// A libnccl.so.2 for tests with fake_cuda.cpp, whose device memory is the host's: ranks are
// processes of one machine that meet in shared memory. RACKPROOF_FAKE_NCCL="wrong": rank 1's
// element 3 is off by one bit; "gone": no other rank ever comes, and all_reduce does not end before
// it is aborted. Never linked, never installed.
#include <cuda.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <nccl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kSlot = 64 << 20, kHead = 4096;
constexpr int kPatience = 6000;  // hundredths of a second

struct Head {
  std::atomic<int> here, turn;
};

struct Message {
  char* at = nullptr;
  std::size_t bytes = 0;
  int peer = 0;
};

std::vector<Message> sent, wanted;

std::size_t width_of(ncclDataType_t type) {
  return type == ncclFloat64 ? 8 : type == ncclFloat16 || type == ncclBfloat16 ? 2 : 4;
}

}  // namespace

struct ncclComm {
  int rank = 0, ranks = 0;
  std::string name;
  char* memory = nullptr;
  cudaStream_t stuck = nullptr;  // where its work does not end

  [[nodiscard]] Head& head() const { return *reinterpret_cast<Head*>(memory); }
  [[nodiscard]] char* slot(int of) const {
    return memory + kHead + static_cast<std::size_t>(of) * kSlot;
  }
  // All ranks are here; false: one has not come.
  [[nodiscard]] bool meet() const {
    const int turn = head().turn.load();
    if (head().here.fetch_add(1) + 1 == ranks) {
      head().here = 0;
      ++head().turn;
      return true;
    }
    for (int waited = 0; waited < kPatience; ++waited) {
      if (head().turn.load() != turn) return true;
      usleep(waited < 100 ? 100 : 10000);
    }
    return false;
  }
};

namespace {

double number_at(const char* at, ncclDataType_t type) {
  if (type == ncclFloat64) {
    double value = 0;
    std::memcpy(&value, at, 8);
    return value;
  }
  if (type == ncclInt32) {
    std::int32_t value = 0;
    std::memcpy(&value, at, 4);
    return value;
  }
  std::uint32_t bits = 0;
  std::uint16_t half = 0;
  if (type == ncclFloat32) {
    std::memcpy(&bits, at, 4);
  } else {
    std::memcpy(&half, at, 2);
    bits = static_cast<std::uint32_t>(half) << 16;
  }
  if (type == ncclFloat16) {
    const int power = half >> 10 & 31;
    const double value =
        std::ldexp(power == 0 ? half & 1023 : 1024 | (half & 1023), (power == 0 ? 1 : power) - 25);
    return (half & 0x8000) != 0 ? -value : value;
  }
  float value = 0;
  std::memcpy(&value, &bits, 4);
  return static_cast<double>(value);
}

// Sums of the tests are whole numbers that the type holds.
void put(char* at, ncclDataType_t type, double value) {
  const auto whole = static_cast<std::int32_t>(value);
  const auto single = static_cast<float>(value);
  std::uint32_t bits = 0;
  std::memcpy(&bits, &single, 4);
  std::uint16_t half = static_cast<std::uint16_t>(bits >> 16);
  if (type == ncclFloat16) {
    half = value == 0 ? 0
                      : static_cast<std::uint16_t>((bits >> 16 & 0x8000) |
                                                   ((bits >> 23 & 0xff) - 112) << 10 |
                                                   (bits >> 13 & 0x3ff));
  }
  if (type == ncclFloat64) std::memcpy(at, &value, 8);
  if (type == ncclInt32) std::memcpy(at, &whole, 4);
  if (type == ncclFloat32) std::memcpy(at, &bits, 4);
  if (width_of(type) == 2) std::memcpy(at, &half, 2);
}

bool asked_to(const char* what) {
  const char* asked = std::getenv("RACKPROOF_FAKE_NCCL");
  return asked != nullptr && std::string(asked) == what;
}

void maybe_spoil(const ncclComm* comm, void* result) {
  if (asked_to("wrong") && comm->rank == 1) static_cast<char*>(result)[3 * 4] ^= 1;
}

// Tells the fake driver that the stream's work does not end, or does.
void keep_busy(cudaStream_t stream, bool busy) {
  const auto tell = reinterpret_cast<void (*)(CUstream, bool)>(
      dlsym(dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD), "rackproof_fake_busy"));
  tell(stream, busy);
}

// Everyone shows `sent` bytes, then takes what it needs by `take`.
template <class Take>
ncclResult_t together(ncclComm* comm, const void* from, std::size_t bytes, const Take& take) {
  if (bytes > kSlot) return ncclInvalidArgument;
  std::memcpy(comm->slot(comm->rank), from, bytes);
  if (!comm->meet()) return ncclRemoteError;
  take();
  return comm->meet() ? ncclSuccess : ncclRemoteError;
}

void sum_up(const ncclComm* comm, char* to, std::size_t first, std::size_t count,
            ncclDataType_t type) {
  const std::size_t width = width_of(type);
  for (std::size_t i = 0; i < count; ++i) {
    double sum = 0;
    for (int rank = 0; rank < comm->ranks; ++rank)
      sum += number_at(comm->slot(rank) + (first + i) * width, type);
    put(to + i * width, type, sum);
  }
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
  static int made = 0;
  std::memset(id, 0, sizeof *id);
  std::snprintf(id->internal, sizeof id->internal, "/rackproof-fake-nccl-%d-%d", getpid(), ++made);
  return ncclSuccess;
}
ncclResult_t ncclCommInitRank(ncclComm_t* made, int ranks, ncclUniqueId id, int rank) {
  auto* comm = new ncclComm{rank, ranks, id.internal, nullptr, nullptr};
  const std::size_t size = kHead + static_cast<std::size_t>(ranks) * kSlot;
  const int file = shm_open(id.internal, O_RDWR | O_CREAT, 0600);
  if (file < 0 || ftruncate(file, static_cast<off_t>(size)) != 0) return ncclSystemError;
  comm->memory =
      static_cast<char*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
  close(file);
  *made = comm;
  const bool all = asked_to("gone") || comm->meet();
  if (rank == 0) shm_unlink(id.internal);
  return all ? ncclSuccess : ncclRemoteError;
}
ncclResult_t ncclCommAbort(ncclComm_t comm) {
  if (comm->stuck != nullptr) keep_busy(comm->stuck, false);
  munmap(comm->memory, kHead + static_cast<std::size_t>(comm->ranks) * kSlot);
  delete comm;
  return ncclSuccess;
}
ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t* status) {
  *status = comm->stuck != nullptr ? ncclRemoteError : ncclSuccess;
  return ncclSuccess;
}
const char* ncclGetLastError(ncclComm_t) { return asked_to("gone") ? "socket closed" : ""; }
const char* ncclGetErrorString(ncclResult_t status) {
  return status == ncclRemoteError ? "a peer has not come" : "an error of tests";
}
ncclResult_t ncclAllReduce(const void* from, void* to, size_t count, ncclDataType_t type,
                           ncclRedOp_t, ncclComm_t comm, cudaStream_t stream) {
  if (asked_to("gone")) {
    keep_busy(comm->stuck = stream, true);
    return ncclSuccess;
  }
  const auto status = together(comm, from, count * width_of(type),
                               [&] { sum_up(comm, static_cast<char*>(to), 0, count, type); });
  maybe_spoil(comm, to);
  return status;
}
ncclResult_t ncclReduceScatter(const void* from, void* to, size_t count, ncclDataType_t type,
                               ncclRedOp_t, ncclComm_t comm, cudaStream_t) {
  const auto ranks = static_cast<std::size_t>(comm->ranks),
             rank = static_cast<std::size_t>(comm->rank);
  return together(comm, from, ranks * count * width_of(type),
                  [&] { sum_up(comm, static_cast<char*>(to), rank * count, count, type); });
}
ncclResult_t ncclAllGather(const void* from, void* to, size_t count, ncclDataType_t type,
                           ncclComm_t comm, cudaStream_t) {
  const std::size_t bytes = count * width_of(type);
  return together(comm, from, bytes, [&] {
    for (int rank = 0; rank < comm->ranks; ++rank)
      std::memcpy(static_cast<char*>(to) + static_cast<std::size_t>(rank) * bytes, comm->slot(rank),
                  bytes);
  });
}
ncclResult_t ncclGroupStart() {
  sent.clear();
  wanted.clear();
  return ncclSuccess;
}
namespace {
ncclComm_t grouped = nullptr;
}
ncclResult_t ncclSend(const void* from, size_t count, ncclDataType_t type, int peer,
                      ncclComm_t comm, cudaStream_t) {
  grouped = comm;
  sent.push_back({const_cast<char*>(static_cast<const char*>(from)), count * width_of(type), peer});
  return ncclSuccess;
}
ncclResult_t ncclRecv(void* to, size_t count, ncclDataType_t type, int peer, ncclComm_t comm,
                      cudaStream_t) {
  grouped = comm;
  wanted.push_back({static_cast<char*>(to), count * width_of(type), peer});
  return ncclSuccess;
}
ncclResult_t ncclGroupEnd() {
  ncclComm* comm = grouped;
  for (const Message& m : sent)
    std::memcpy(comm->slot(comm->rank) + static_cast<std::size_t>(m.peer) * m.bytes, m.at, m.bytes);
  if (!comm->meet()) return ncclRemoteError;
  for (const Message& m : wanted)
    std::memcpy(m.at, comm->slot(m.peer) + static_cast<std::size_t>(comm->rank) * m.bytes, m.bytes);
  return comm->meet() ? ncclSuccess : ncclRemoteError;
}

}  // extern "C"
#pragma GCC visibility pop
