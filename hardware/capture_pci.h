// SPDX-License-Identifier: Apache-2.0
// The configuration space of every PCI function as `lspci -xxxx` writes it.
#pragma once

#include <filesystem>
#include <string>

#include "core/error.h"
#include "hardware/capture.h"

namespace rackproof {

/// Of the machine below `root`. Empty where there is no PCI. `missing` says of how many functions
/// only the first bytes could be read.
[[nodiscard]] Expected<std::string> pci_text(const std::filesystem::path& root, bool anonymous,
                                             std::vector<CaptureManifest::Gap>& missing);

}  // namespace rackproof
