// SPDX-License-Identifier: Apache-2.0
#include "reports/page_html_text.h"

#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

bool is_control(char c) {
  const auto code = static_cast<unsigned char>(c);
  return (code < 0x20 && c != '\n' && c != '\t') || code == 0x7F;
}

// U+202A to U+202E and U+2066 to U+2069: with them a text can look like another one.
bool turns_direction(std::string_view rest) {
  if (rest.size() < 3 || rest[0] != '\xE2') return false;
  const auto last = static_cast<unsigned char>(rest[2]);
  return (rest[1] == '\x80' && last >= 0xAA && last <= 0xAE) ||
         (rest[1] == '\x81' && last >= 0xA6 && last <= 0xA9);
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view named = entity(text[i]);
    if (!named.empty()) {
      out += named;
    } else if (is_control(text[i])) {
      out += kReplacement;
    } else if (turns_direction(text.substr(i))) {
      out += kReplacement;
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string json_block(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

std::string fill(std::string_view pattern,
                 const std::map<std::string, std::string, std::less<>>& values) {
  std::string out;
  for (;;) {
    const auto begin = pattern.find("{{");
    const auto end = pattern.find("}}", begin);
    out += pattern.substr(0, begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) return out;
    const auto value = values.find(pattern.substr(begin + 2, end - begin - 2));
    if (value != values.end()) out += value->second;
    pattern.remove_prefix(end + 2);
  }
}

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const auto at = text.find(begin);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + begin.size());
  return text.substr(0, text.find(end));
}

}  // namespace rackproof
