// SPDX-License-Identifier: Apache-2.0
// The names of latched PCI Express errors (Advanced Error Reporting status registers).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rackproof {

/// "bad TLP", "replay timer timeout", ...; a bit without a name gives "bit N".
/// Source: PCI Express Base Specification, section 7.8.4.
[[nodiscard]] std::vector<std::string> corrected_error_names(std::uint32_t status);
[[nodiscard]] std::vector<std::string> uncorrected_error_names(std::uint32_t status);

}  // namespace rackproof
