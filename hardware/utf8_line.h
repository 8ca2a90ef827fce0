// SPDX-License-Identifier: Apache-2.0
// What firmware and kernel say, as text that records, terminals and JSON can carry.
#pragma once

#include <string>
#include <string_view>

namespace rackproof {

/// `bytes` as UTF-8 in one line: bytes that are none become U+FFFD, control characters spaces.
/// Serial numbers of 0xff and unprogrammed strings are common in DMI tables.
[[nodiscard]] std::string utf8_line(std::string_view bytes);

}  // namespace rackproof
