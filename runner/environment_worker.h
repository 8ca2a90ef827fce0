// SPDX-License-Identifier: Apache-2.0
// The worker that looks at one part's conditions.
#pragma once

#include "runner/uplink.h"

namespace rackproof {

/// Waits for its order, answers each condition as soon as it is read, and says "done".
void serve_environment(Uplink& uplink);

}  // namespace rackproof
