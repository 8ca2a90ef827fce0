// SPDX-License-Identifier: Apache-2.0
// Fuzzes PCI config dumps, through libpci.
#include "core/file_for_fuzz.h"
#include "hardware/pci.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  const InventorySources sources{"/nonexistent", {}, file_for_fuzz(text_of(data, size))};
  Inventory inventory;
  (void)read_pci(sources, inventory);
  return 0;
}
