// SPDX-License-Identifier: Apache-2.0
// Reading JSON that somebody else may have written: strict, and an Expected instead of an
// exception.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/error.h"

namespace rackproof {

using Json = nlohmann::json;

/// Parses one JSON value. Refuses duplicate keys, trailing bytes, NaN and infinities, numbers that
/// overflow, and nesting deeper than 64. `file` names the source in the error.
[[nodiscard]] Expected<Json> parse_json(std::string_view text, const std::string& file = {});

/// The whole file as bytes; refuses directories and files over `limit_bytes`.
[[nodiscard]] Expected<std::string> read_file(const std::filesystem::path& path,
                                              std::uint64_t limit_bytes = 1u << 30);

/// Writes through a temporary file, fsync and rename, so a reader sees the old or the new bytes.
[[nodiscard]] Expected<void> write_file(const std::filesystem::path& path, std::string_view bytes);

/// 64-bit values travel as 16 hex digits, since JSON readers such as jq keep only 53 bits.
[[nodiscard]] std::string hex64(std::uint64_t value);
[[nodiscard]] Expected<std::uint64_t> parse_hex64(std::string_view text);

}  // namespace rackproof
