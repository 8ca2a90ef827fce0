// SPDX-License-Identifier: Apache-2.0
// Fuzzes trust files.
#include "core/file_for_fuzz.h"
#include "reports/trust.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  (void)load_trust(file_for_fuzz(text_of(data, size)));
  return 0;
}
