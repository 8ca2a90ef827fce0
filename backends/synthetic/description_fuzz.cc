// SPDX-License-Identifier: Apache-2.0
// Fuzzes descriptions of synthetic racks.
#include "backends/synthetic/description.h"
#include "core/file_for_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  (void)parse_synthetic(text_of(data, size), "fuzz");
  return 0;
}
