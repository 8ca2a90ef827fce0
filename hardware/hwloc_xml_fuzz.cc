// SPDX-License-Identifier: Apache-2.0
// Fuzzes topologies as XML: our bounds, then hwloc's own reader.
#include "core/file_for_fuzz.h"
#include "hardware/hwloc_xml.h"
#include "hardware/inventory.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  if (!check_hwloc_xml(text_of(data, size), "fuzz")) return 0;
  (void)read_inventory({.root = "", .hwloc_xml = file_for_fuzz(text_of(data, size))});
  return 0;
}
