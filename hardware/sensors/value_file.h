// SPDX-License-Identifier: Apache-2.0
// What one file of the kernel says right now: its bytes, that it is not offered, or why it failed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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
inline constexpr std::size_t kLongestValueFile = 64u << 10;
/// A file of more than kLongestValueFile bytes is an error. May block as long as the kernel does,
/// but not on a pipe without a writer.
[[nodiscard]] ValueFile read_value_file(const std::filesystem::path& path);

/// For files too long to hold: calls `visit` with each line, without its end. A line of more than
/// kLongestValueFile bytes is an error. `text` stays empty.
[[nodiscard]] ValueFile visit_lines(const std::filesystem::path& path,
                                    const std::function<void(std::string_view line)>& visit);

/// Without the white space around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);
/// The whole text as one integer, surrounding white space aside; none: it is not one. Base 16 also
/// takes "0x".
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text, int base = 10);

/// The one reading of a family of which nothing is there.
[[nodiscard]] std::vector<Reading> family_unsupported(const std::string& family, std::string why);
/// True when not one of them is a value or an error.
[[nodiscard]] bool all_unsupported(const std::vector<Reading>& readings);

}  // namespace rackproof
