// SPDX-License-Identifier: Apache-2.0
#include "runner/exchange.h"

#include <fmt/format.h>

#include "core/device.h"

namespace rackproof {
namespace {

// -1: no digit.
int value_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

}  // namespace

std::string hex_of(std::string_view bytes) {
  std::string digits;
  for (const char c : bytes) digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return digits;
}

Expected<std::string> bytes_of_hex(std::string_view digits) {
  if (digits.size() > 2 * kMaxExchanged)
    return fail(fmt::format("{} digits to exchange, at most {} are taken", digits.size(),
                            2 * kMaxExchanged));
  if (digits.size() % 2 != 0) return fail("an odd number of digits to exchange");
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = value_of(digits[i]), low = value_of(digits[i + 1]);
    if (high < 0 || low < 0) return fail("bytes to exchange that are no hex digits");
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace rackproof
