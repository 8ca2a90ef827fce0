// SPDX-License-Identifier: Apache-2.0
// Whether a resumed run goes on with the hardware that it was begun with.
#pragma once

#include <string>
#include <vector>

#include "runner/planner.h"

namespace rackproof {

/// What differs between two looks at what should be the same hardware, in words; empty: the same.
/// Compares identities (serials, UUIDs, sizes, PCI places), not readings that change by themselves.
[[nodiscard]] std::vector<std::string> differences(const Rack& before, const Rack& now);

}  // namespace rackproof
