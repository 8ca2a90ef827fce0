// SPDX-License-Identifier: Apache-2.0
// How the two ends of a link are named.
#pragma once

#include <string>

namespace rackproof {

/// "n1/gpu:3 -> gpu:5": what both names begin with, up to a '/', is said once.
[[nodiscard]] std::string pair_text(const std::string& from, const std::string& to);

}  // namespace rackproof
