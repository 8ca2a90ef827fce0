// SPDX-License-Identifier: Apache-2.0
// What one file of the kernel says right now: its bytes, that it is not offered, or why it failed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hardware/sensor.h"

namespace rackproof {

/// `state` is value when `text` holds the file, unsupported when the kernel does not offer it
/// (ENOENT, ENOTDIR, EOPNOTSUPP), error otherwise; `detail` then says why, with the path.
struct ValueFile {
  Reading::State state = Reading::State::unsupported;
  std::string text;
  std::string detail;
};
/// Reads at most 64 KiB. May block as long as the kernel does.
[[nodiscard]] ValueFile read_value_file(const std::filesystem::path& path);

/// The whole text as one decimal integer, surrounding white space aside; none: it is not one.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

/// One integer per file, which must be at least `least` (in the file's own unit), times `scale`.
struct NumberFile {
  std::filesystem::path path;
  double scale = 1;        ///< file's unit to the unit's base
  std::int64_t least = 0;  ///< smaller is physically impossible: an error
};
/// `sensor` and `unit` are taken over as they are.
[[nodiscard]] Reading read_number(std::string sensor, Unit unit, const NumberFile& file);

/// Entries of `folder` named `prefix` and a number, with that number, in its order; none: no
/// folder.
[[nodiscard]] std::vector<std::pair<int, std::filesystem::path>> numbered_entries(
    const std::filesystem::path& folder, std::string_view prefix);

/// The one reading of a family of which nothing is there.
[[nodiscard]] std::vector<Reading> family_unsupported(const std::string& family, std::string why);

}  // namespace rackproof
