// SPDX-License-Identifier: Apache-2.0
// What a worker says that it moved and computed, held against the work that it names.
#pragma once

#include "core/record.h"

namespace rackproof {

/// Refuses bytes and operations that so many iterations of this work cannot be, and work that took
/// no time. What it does not know it lets pass: the ceilings are there for it. Half and double are
/// allowed, since a copy may be counted on one of its sides or on both.
[[nodiscard]] Expected<void> check_claimed_work(const WorkTally& tally);

}  // namespace rackproof
