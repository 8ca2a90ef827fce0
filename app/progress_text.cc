// SPDX-License-Identifier: Apache-2.0
#include "app/progress_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace rackproof {
namespace {

struct Range {
  std::uint32_t first, last;
};

// Blocks of letters, not single ones: a name that is one column off is no harm.
constexpr std::array kWide{Range{0x1100, 0x115f}, Range{0x2e80, 0xa4cf},   Range{0xac00, 0xd7a3},
                           Range{0xf900, 0xfaff}, Range{0xfe30, 0xfe6f},   Range{0xff00, 0xff60},
                           Range{0xffe0, 0xffe6}, Range{0x1f300, 0x1faff}, Range{0x20000, 0x3fffd}};
constexpr std::array kNoColumn{Range{0x0300, 0x036f}, Range{0x200b, 0x200f}, Range{0x2028, 0x202e},
                               Range{0x2060, 0x206f}, Range{0xfe00, 0xfe0f}, Range{0xfeff, 0xfeff}};

template <std::size_t N>
bool in(const std::array<Range, N>& ranges, std::uint32_t letter) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](Range r) { return r.first <= letter && letter <= r.last; });
}

struct Letter {
  std::string_view bytes;
  std::uint32_t code = 0;
  [[nodiscard]] std::size_t columns() const {
    return in(kNoColumn, code) ? 0 : in(kWide, code) ? 2 : 1;
  }
};

// The first letter of valid UTF-8; a stray byte counts as one.
Letter first_letter(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t wanted = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const std::size_t length = std::min(wanted, text.size());
  std::uint32_t code = wanted == 1 ? lead : lead & (0xffu >> (wanted + 1));
  for (std::size_t i = 1; i < length; ++i) {
    code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3fu);
  }
  return {text.substr(0, length), code};
}

std::string ascii(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const Letter letter = first_letter(text);
    text.remove_prefix(letter.bytes.size());
    if (letter.code < 0x80) {
      plain += letter.bytes;
    } else if (letter.code != 0xb0 && letter.columns() > 0) {
      plain += '?';
    }
  }
  return plain;
}

std::string head(std::string_view text, std::size_t columns) {
  std::string kept;
  while (!text.empty()) {
    const Letter letter = first_letter(text);
    if (letter.columns() > columns) break;
    columns -= letter.columns();
    kept += letter.bytes;
    text.remove_prefix(letter.bytes.size());
  }
  return kept;
}

std::string_view code_of(Tint tint) {
  switch (tint) {
    case Tint::strong:
      return "1";
    case Tint::dim:
      return "2";
    case Tint::good:
      return "32";
    case Tint::doubtful:
      return "33";
    case Tint::bad:
      return "1;31";
    case Tint::plain:
      break;
  }
  return "";
}

std::string tinted(const std::string& text, Tint tint, const Look& look) {
  const std::string_view code = code_of(tint);
  if (!look.color || code.empty() || text.empty()) return text;
  return "\x1b[" + std::string(code) + "m" + text + "\x1b[0m";
}

}  // namespace

std::size_t columns_of(std::string_view utf8) {
  std::size_t columns = 0;
  while (!utf8.empty()) {
    const Letter letter = first_letter(utf8);
    columns += letter.columns();
    utf8.remove_prefix(letter.bytes.size());
  }
  return columns;
}

std::string render(const StyledLine& line, std::size_t columns, const Look& look) {
  const std::string ellipsis = look.utf8 ? "…" : "~";
  StyledLine shown = line;
  std::size_t whole = 0;
  for (Piece& piece : shown) {
    if (!look.utf8) piece.text = ascii(piece.text);
    whole += columns_of(piece.text);
  }
  const bool cut = whole > columns;
  std::size_t left = cut && columns > 0 ? columns - 1 : columns;
  std::string text;
  for (const Piece& piece : shown) {
    const std::string part = head(piece.text, left);
    text += tinted(part, piece.tint, look);
    left -= columns_of(part);
    if (part.size() < piece.text.size()) break;
  }
  return cut && columns > 0 ? text + ellipsis : text;
}

std::string pad_right(std::string text, std::size_t columns) {
  const std::size_t width = columns_of(text);
  if (width < columns) text.append(columns - width, ' ');
  return text;
}

std::string pad_left(const std::string& text, std::size_t columns) {
  const std::size_t width = columns_of(text);
  return width < columns ? std::string(columns - width, ' ') + text : text;
}

}  // namespace rackproof
