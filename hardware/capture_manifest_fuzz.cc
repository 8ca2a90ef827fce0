// SPDX-License-Identifier: Apache-2.0
// Fuzzes a capture's manifest: no path leads out of its folder.
#include <cstdlib>

#include "core/file_for_fuzz.h"
#include "hardware/capture_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  const auto manifest = parse_capture_manifest(text_of(data, size), "fuzz");
  if (!manifest) return 0;
  for (const auto& file : manifest->files) {
    const std::filesystem::path path(file.path);
    if (path.is_absolute()) std::abort();
    for (const auto& part : path) {
      if (part == "..") std::abort();
    }
  }
  return 0;
}
