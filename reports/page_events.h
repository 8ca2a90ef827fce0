// SPDX-License-Identifier: Apache-2.0
// The page's events, worst first, and what watched for them.
#pragma once

#include <string>

#include "core/evidence.h"

namespace rackproof {

/// At most kEventsShown lines and their number beyond; alike ones in one line with their count.
[[nodiscard]] std::string events_text(const Evidence& evidence);
inline constexpr std::size_t kEventsShown = 10;

/// How many sensors answered, and whether all of the kernel log was read.
[[nodiscard]] std::string watched_text(const Evidence& evidence);

}  // namespace rackproof
