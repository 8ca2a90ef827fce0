// SPDX-License-Identifier: Apache-2.0
// Which DIMM holds a physical address, where the firmware says so.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace rackproof {

/// The locator of the DIMM that holds the byte at a physical address, as the board's maker prints
/// it, with its bank in parentheses: "DIMM_A1 (P0 CHANNEL A)". Nothing when the table does not map
/// the address to one DIMM alone: interleaved memory lies on several, and most servers interleave
/// or leave the mapping out. `table` are SMBIOS structures one behind the other, as the kernel
/// shows them. Source: DMTF DSP0134, structure types 17, 19 and 20.
[[nodiscard]] std::optional<std::string> dimm_of_address(std::string_view table,
                                                         std::uint64_t address);

/// The same by `root`/sys/firmware/dmi/tables/DMI, which root alone may read; nothing without it.
[[nodiscard]] std::optional<std::string> dimm_of_address(const std::filesystem::path& root,
                                                         std::uint64_t address);

}  // namespace rackproof
