// SPDX-License-Identifier: Apache-2.0
// Fuzzes the SMBIOS table, which firmware writes, and in which addresses are looked up.
#include "core/file_for_fuzz.h"
#include "hardware/memory_map.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  const auto table = text_of(data, size);
  for (const std::uint64_t address : {0ULL, 1ULL << 20, 1ULL << 34, ~0ULL})
    (void)dimm_of_address(std::string_view(table), address);
  return 0;
}
