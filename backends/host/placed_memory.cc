// SPDX-License-Identifier: Apache-2.0
#include "backends/host/placed_memory.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>

#include "core/error.h"
#include "core/units.h"

namespace rackproof::host {
namespace {

constexpr std::uint64_t kHugePage = 2ULL << 20;
constexpr std::uint64_t kReserve = 256ULL << 20;  // what stays free on the node

std::uint64_t whole_pages(std::uint64_t bytes) {
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return (bytes + page - 1) / page;
}

std::string text_of(std::uint64_t bytes) { return format(static_cast<double>(bytes), Unit::byte); }

std::string places_text(const PagesByNode& pages) {
  std::string text;
  for (const auto& [node, count] : pages)
    text += fmt::format("{}{} on node {}", text.empty() ? "" : ", ", count, node);
  return text;
}

// A strictly bound process that asks for more than there is would be killed.
void require_available(const Host& host, int node, std::uint64_t size_bytes) {
  const std::uint64_t left = host.available(node);
  if (size_bytes <= left - std::min(left, kReserve)) return;
  throw DeviceError(
      fmt::format("cannot allocate {} on NUMA node {}: {} available, of which {} stay "
                  "free for the system",
                  text_of(size_bytes), node, text_of(left), text_of(kReserve)));
}

// As far as this process may run there.
void run_on(const std::vector<unsigned>& pus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const unsigned pu : pus) {
    if (pu < CPU_SETSIZE) CPU_SET(pu, &set);
  }
  (void)sched_setaffinity(0, sizeof set, &set);
}

}  // namespace

void require_on_node(const Host& host, const void* at, std::uint64_t size_bytes, int node) {
  const PagesByNode pages = host.pages(at);
  std::uint64_t all = 0;
  for (const auto& [index, count] : pages) all += count;
  if (all == 0)
    throw NotPlaced{
        "the kernel does not tell where pages lie: /proc/self/numa_maps has no word of them"};
  const std::uint64_t wanted = whole_pages(size_bytes);
  const auto there = pages.find(node);
  if (there != pages.end() && there->second == wanted && all == wanted) return;
  throw DeviceError(fmt::format("{} of host memory for NUMA node {} lies elsewhere: of {} pages {}",
                                text_of(size_bytes), node, wanted, places_text(pages)));
}

PlacedMemory::PlacedMemory(const Host& host, const HostNode& node, std::uint64_t size_bytes)
    : host_(host), node_(node.index), size_bytes_(size_bytes) {
  require_available(host, node_, size_bytes);
  size_bytes_ = whole_pages(size_bytes) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  map();
  const int refused = host_.bind(data_, size_bytes_, node_);
  try {
    if (refused != 0 && (node.pus.empty() || (refused != EPERM && refused != ENOSYS))) {
      throw NotPlaced{fmt::format("the kernel binds no memory to NUMA node {}: {}", node_,
                                  std::strerror(refused))};
    }
    touch(node);
    require_in_place();
  } catch (...) {
    munmap(mapping_, size_bytes_ + 2 * kHugePage);
    throw;
  }
}

PlacedMemory::~PlacedMemory() { munmap(mapping_, size_bytes_ + 2 * kHugePage); }

// Between guards: the kernel merges what lies side by side, and would tell of all of it together.
void PlacedMemory::map() {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  mapping_ = mmap(nullptr, size_bytes_ + 2 * kHugePage, PROT_NONE, kFlags, -1, 0);
  if (mapping_ == MAP_FAILED)
    throw DeviceError(fmt::format("mmap({}): {}", text_of(size_bytes_), std::strerror(errno)));
  const auto start = reinterpret_cast<std::uintptr_t>(mapping_);
  data_ = static_cast<std::byte*>(mapping_) + (kHugePage - start % kHugePage);
  if (mprotect(data_, size_bytes_, PROT_READ | PROT_WRITE) != 0) {
    const int error = errno;
    munmap(mapping_, size_bytes_ + 2 * kHugePage);
    throw DeviceError(fmt::format("mprotect({}): {}", text_of(size_bytes_), std::strerror(error)));
  }
  madvise(data_, size_bytes_, MADV_HUGEPAGE);  // a wish
}

void PlacedMemory::touch(const HostNode& node) {
  try {
    std::thread([&] {
      if (!node.pus.empty()) run_on(node.pus);
      std::memset(data_, 0, size_bytes_);
    }).join();
  } catch (const std::system_error& error) {
    throw DeviceError(
        fmt::format("cannot start a thread on NUMA node {}: {}", node_, error.what()));
  }
}

}  // namespace rackproof::host
