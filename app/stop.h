// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM ask for a clean stop: what was measured is judged, signed and kept. A terminal
// that hangs up stops nothing.
#pragma once

#include <atomic>

namespace rackproof {

/// From here on; until then these signals end the process as usual.
void stop_on_signals();

/// Set once such a signal has come.
[[nodiscard]] const std::atomic<bool>& stop_asked();

}  // namespace rackproof
