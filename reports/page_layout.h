// SPDX-License-Identifier: Apache-2.0
// Lines of the text report: never wider than a terminal.
#pragma once

#include <string>

namespace rackproof {

inline constexpr std::size_t kPageWidth = 100;

/// Broken at spaces; lines after the first begin with `indent` blanks, and so, it is taken, does
/// the first.
[[nodiscard]] std::string wrapped(const std::string& text, std::size_t indent);

/// A command for a shell: lines that go on end with a backslash, and quoted words stay whole.
[[nodiscard]] std::string wrapped_command(const std::string& command, std::size_t indent);

}  // namespace rackproof
