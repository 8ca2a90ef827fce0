// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/physical.h"

#include <fcntl.h>
#include <unistd.h>

#include <bit>

namespace rackproof::cpu {
namespace {

// One 64-bit entry a page: bit 63 says that it is present, bits 0 to 54 are its frame's number,
// which reads as 0 for those who may not know.
class PageMap {
 public:
  PageMap() : file_(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)) {}
  ~PageMap() {
    if (file_ >= 0) close(file_);
  }
  PageMap(const PageMap&) = delete;
  PageMap& operator=(const PageMap&) = delete;

  [[nodiscard]] std::uint64_t physical(const std::byte* at) const {
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    const auto address = std::bit_cast<std::uintptr_t>(at);
    std::uint64_t entry = 0;
    const auto place = static_cast<off_t>(address / page * sizeof entry);
    if (file_ < 0 || pread(file_, &entry, sizeof entry, place) != sizeof entry) return 0;
    const std::uint64_t frame = entry & ((1ULL << 55) - 1);
    return entry >> 63 == 0 || frame == 0 ? 0 : frame * page + address % page;
  }

 private:
  int file_;
};

}  // namespace

std::uint64_t physical_address(const std::byte* at) { return PageMap().physical(at); }

void locate(std::vector<Miscompare>& samples, const NodeMemory& memory) {
  if (samples.empty()) return;
  const PageMap map;
  for (Miscompare& sample : samples)
    sample.address = map.physical(memory.data() + sample.element * 8);
}

}  // namespace rackproof::cpu
