// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/memory.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/units.h"

namespace rackproof::cpu {
namespace {

constexpr std::uintptr_t kHugePage = 2u << 20;

std::string size_text(std::uint64_t bytes) {
  return format(static_cast<double>(bytes), Unit::byte);
}

// Strictly: a mere preference spills over to other nodes as soon as this one's page cache would
// have to give way, and their memory would pass for this node's.
bool bind_area(hwloc_topology_t topology, int node, void* data, std::size_t size_bytes) {
  hwloc_bitmap_t set = hwloc_bitmap_alloc();
  hwloc_bitmap_set(set, static_cast<unsigned>(node));
  const int result = hwloc_set_area_membind(topology, data, size_bytes, set, HWLOC_MEMBIND_BIND,
                                            HWLOC_MEMBIND_BYNODESET | HWLOC_MEMBIND_STRICT);
  hwloc_bitmap_free(set);
  return result == 0;
}

}  // namespace

NodeMemory::NodeMemory(std::shared_ptr<const Topology> topology, int node, std::uint64_t size_bytes,
                       bool must_bind, Pages pages)
    : topology_(std::move(topology)),
      mapping_bytes_(size_bytes + kHugePage),
      size_bytes_(size_bytes) {
  mapping_ =
      mmap(nullptr, mapping_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping_ == MAP_FAILED) {
    throw DeviceError(
        fmt::format("mmap({}) for node {}: {}", size_text(size_bytes), node, std::strerror(errno)));
  }
  const auto start = reinterpret_cast<std::uintptr_t>(mapping_);
  data_ = static_cast<std::byte*>(mapping_) + (-start & (kHugePage - 1));
  if (!bind_area(topology_->get(), node, data_, size_bytes) && must_bind) {
    const int error = errno;
    munmap(mapping_, mapping_bytes_);
    throw DeviceError(fmt::format("cannot bind {} to NUMA node {}: {}", size_text(size_bytes), node,
                                  std::strerror(error)));
  }
  // A wish: without huge pages everything still works.
  madvise(data_, size_bytes, pages == Pages::huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

NodeMemory::~NodeMemory() { munmap(mapping_, mapping_bytes_); }

void NodeMemory::lock() { locked_ = mlock(data_, size_bytes_) == 0; }

std::shared_ptr<NodeMemory> memory_of(const Region& region) {
  auto memory = std::dynamic_pointer_cast<NodeMemory>(region.memory);
  if (!memory) throw DeviceError("this region is not memory of the CPU back end");
  if (region.size_bytes > memory->size_bytes()) {
    throw DeviceError(fmt::format("a region of {} in memory of {}", size_text(region.size_bytes),
                                  size_text(memory->size_bytes())));
  }
  return memory;
}

}  // namespace rackproof::cpu
