// SPDX-License-Identifier: Apache-2.0
// Fuzzes what lspci printed, and the findings made of it.
#include "core/file_for_fuzz.h"
#include "hardware/attention.h"
#include "hardware/lspci_text.h"
#include "hardware/pci.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  if (!parse_lspci(text_of(data, size), "fuzz")) return 0;
  InventorySources sources{.root = ""};
  sources.lspci_text = file_for_fuzz(text_of(data, size));
  Inventory inventory;
  if (read_pci(sources, inventory)) (void)attention(inventory);
  return 0;
}
