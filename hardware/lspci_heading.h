// SPDX-License-Identifier: Apache-2.0
// The line with which lspci begins a device: address, class, name and, with -nn, their numbers.
#pragma once

#include <optional>
#include <string_view>

#include "hardware/pci_tree.h"

namespace rackproof {

/// The address at the start of "0000:1b:00.0 3D controller ...", or "1b:00.0 ..." in domain 0.
struct LspciAddress {
  int domain = 0, bus = 0, slot = 0, function = 0;
  std::string_view rest;  ///< what follows the space
};
[[nodiscard]] std::optional<LspciAddress> lspci_address(std::string_view line);

/// None: the line begins no device. Names without numbers leave vendor_id and device_id empty.
[[nodiscard]] std::optional<PciFunction> parse_lspci_heading(std::string_view line);

}  // namespace rackproof
