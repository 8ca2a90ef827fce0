// SPDX-License-Identifier: Apache-2.0
// Lines for a terminal: pieces of text with a tint, cut to a width in columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rackproof {

/// What a piece means; a colour only where colours are wanted.
enum class Tint { plain, strong, dim, good, doubtful, bad };

struct Piece {
  std::string text;  ///< one line of UTF-8 without control characters (hardware/utf8_line.h)
  Tint tint = Tint::plain;
};
using StyledLine = std::vector<Piece>;

/// What the terminal at hand can show.
struct Look {
  bool color = false;
  bool utf8 = false;  ///< otherwise ASCII alone leaves this program
};

/// Columns that the text takes: wide East Asian letters and emoji two, combining marks none.
[[nodiscard]] std::size_t columns_of(std::string_view utf8);

/// At most `columns` wide, with an ellipsis for what was cut off; not ASCII becomes "?" without
/// UTF-8, but for the degree sign, which is dropped.
[[nodiscard]] std::string render(const StyledLine& line, std::size_t columns, const Look& look);

/// Padded with spaces to `columns`, on the left for numbers; longer text stays as it is.
[[nodiscard]] std::string pad_right(std::string text, std::size_t columns);
[[nodiscard]] std::string pad_left(const std::string& text, std::size_t columns);

}  // namespace rackproof
