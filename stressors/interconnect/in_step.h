// SPDX-License-Identifier: Apache-2.0
// How the peers of a step keep together.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/context.h"

namespace rackproof {

/// Whether any peer has still something to do: all go on, or all end. Serves as a barrier.
inline bool anyone_running(Context& ctx) {
  const std::vector<std::string> all = ctx.exchange(ctx.running() ? "on" : "over");
  return std::find(all.begin(), all.end(), "on") != all.end();
}

/// Waits until every peer is here.
inline void meet(Context& ctx) { (void)ctx.exchange({}); }

}  // namespace rackproof
