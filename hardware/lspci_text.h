// SPDX-License-Identifier: Apache-2.0
// Reads what `lspci -vvv` prints for people (with -nn or without, -D or not): links, latched
// errors, slots and buses, for when that is all that somebody has sent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "hardware/pci_tree.h"

namespace rackproof {

/// An Error names `file` and line: a text that was cut, a device twice, `lspci -m` or names alone.
[[nodiscard]] Expected<std::vector<PciFunction>> parse_lspci(std::string_view text,
                                                             const std::string& file);

}  // namespace rackproof
