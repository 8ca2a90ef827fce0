// SPDX-License-Identifier: Apache-2.0
// Fuzzes SHA256SUMS: what is read is written the same.
#include <cstdlib>

#include "core/file_for_fuzz.h"
#include "reports/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  const auto manifest = parse_manifest(text_of(data, size));
  if (!manifest) return 0;
  const auto again = parse_manifest(to_text(*manifest));
  if (!again || *again != *manifest) std::abort();
  return 0;
}
