// SPDX-License-Identifier: Apache-2.0
#include "hardware/utf8_line.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/json.h"

namespace rackproof {
namespace {

// U+0080 ... U+009F, the second set of control characters: to a terminal U+009B is what ESC [ is.
std::string without_c1(std::string text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const auto second = static_cast<unsigned char>(text[i + 1]);
    if (text[i] == '\xc2' && second < 0xa0) text.replace(i, 2, " ");
  }
  return text;
}

}  // namespace

std::string utf8_line(std::string_view bytes) {
  const std::string quoted = Json(bytes).dump(-1, ' ', false, Json::error_handler_t::replace);
  auto text = Json::parse(quoted).get<std::string>();
  const auto is_control = [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; };
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  return without_c1(std::move(text));
}

}  // namespace rackproof
