// SPDX-License-Identifier: Apache-2.0
// The text of a kernel log line as records carry it.
#pragma once

#include <string>
#include <string_view>

namespace rackproof {

/// `bytes` as one line of UTF-8 of at most kLongestKernelLine bytes, cut between characters.
[[nodiscard]] std::string kernel_text(std::string_view bytes);

}  // namespace rackproof
