// SPDX-License-Identifier: Apache-2.0
// Reads capture.json, which somebody else may have written, and holds a folder against it.
#pragma once

#include "hardware/capture.h"

namespace rackproof {

inline constexpr std::size_t kMostCaptureFiles = 100000;
inline constexpr std::uint64_t kMostCaptureFileBytes = 256u << 20;
inline constexpr std::uint64_t kMostCaptureBytes = 1u << 30;

/// Refuses another schema by its name, and paths that leave the folder.
[[nodiscard]] Expected<CaptureManifest> parse_capture_manifest(std::string_view text,
                                                               const std::string& file);

/// Every file is there, a plain file, of its size and digest, and there is no other one.
[[nodiscard]] Expected<void> check_files(const CaptureManifest& manifest,
                                         const std::filesystem::path& folder);

/// Neither absolute nor with "." or ".." or control characters, at most 16 parts of 255 bytes.
[[nodiscard]] bool is_inside(const std::string& path);

}  // namespace rackproof
