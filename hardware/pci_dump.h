// SPDX-License-Identifier: Apache-2.0
// Checks the text of `lspci -x`, `-xxx` or `-xxxx` before libpci reads it: libpci passes over lines
// that it does not know, and a dump that lost a part must not look like a smaller machine.
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"

namespace rackproof {

/// Every device whole (64, 128, 256 or 4096 bytes in rows of 16, without gaps), none twice, at
/// least one, the last line ended. Errors name `file` and the line.
[[nodiscard]] Expected<void> check_pci_dump(std::string_view text, const std::string& file);

}  // namespace rackproof
