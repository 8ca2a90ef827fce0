// SPDX-License-Identifier: Apache-2.0
// What a file that somebody has sent is, by its content.
#pragma once

#include <string>
#include <string_view>

namespace rackproof {

enum class CaptureKind { unknown, manifest, hwloc_xml, pci_dump, lspci_text, kernel_log };

/// From the beginning of a file; a few KiB are enough.
[[nodiscard]] CaptureKind kind_of(std::string_view beginning);

/// "an hwloc XML", "`lspci -xxxx` output", ...
[[nodiscard]] std::string describe(CaptureKind kind);

}  // namespace rackproof
