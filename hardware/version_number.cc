// SPDX-License-Identifier: Apache-2.0
#include "hardware/version_number.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace rackproof {
namespace {

constexpr std::size_t kMostParts = 8, kMostDigits = 9;

bool is_part(std::string_view text) {
  return !text.empty() && text.size() <= kMostDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// 13.0 and 13 are the same version.
std::vector<std::uint32_t> without_zeros(std::vector<std::uint32_t> parts) {
  while (parts.size() > 1 && parts.back() == 0) parts.pop_back();
  return parts;
}

}  // namespace

Expected<std::vector<std::uint32_t>> parse_version(std::string_view text) {
  std::vector<std::uint32_t> parts;
  for (std::size_t at = 0; at <= text.size() && parts.size() < kMostParts + 1;) {
    const std::size_t dot = std::min(text.find('.', at), text.size());
    const std::string_view part = text.substr(at, dot - at);
    if (!is_part(part)) break;
    std::from_chars(part.data(), part.data() + part.size(), parts.emplace_back());
    at = dot + 1;
    if (dot == text.size() && parts.size() <= kMostParts) return without_zeros(std::move(parts));
  }
  return fail(fmt::format("'{}' is no version such as '580.65.06'", text));
}

}  // namespace rackproof
