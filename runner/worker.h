// SPDX-License-Identifier: Apache-2.0
// The hidden subcommand `worker`: the only process that touches a device or a sensor.
#pragma once

namespace rackproof {

/// `argv` are the `argc` words after "worker": "discover BACKEND SPEC", "step" (waits for its
/// assignment), "environment" (waits for its order) or "telemetry ROOT INTERVAL_S AFTER". Speaks
/// messages (runner/message.h) over the socket that it inherits as fd 3 and writes nothing to
/// stdout. Returns 0 once the last word was said, 64 for wrong words.
int worker_main(int argc, const char* const* argv);

}  // namespace rackproof
