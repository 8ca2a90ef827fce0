// SPDX-License-Identifier: Apache-2.0
#include "hardware/utf8_line.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/json.h"

namespace rackproof {

std::string utf8_line(std::string_view bytes) {
  const std::string quoted = Json(bytes).dump(-1, ' ', false, Json::error_handler_t::replace);
  auto text = Json::parse(quoted).get<std::string>();
  const auto is_control = [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; };
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  return text;
}

}  // namespace rackproof
