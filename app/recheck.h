// SPDX-License-Identifier: Apache-2.0
// Verification with this program's own judge and planner, as `verify` and the end of `run` do it.
#pragma once

#include <filesystem>

#include "reports/verify.h"

namespace rackproof {

[[nodiscard]] VerifyHooks verify_hooks();

/// Verifies a bundle against the key that signed it just now; null: it is unsigned.
[[nodiscard]] VerifyResult recheck(const std::filesystem::path& folder, const SigningKey* signer);

}  // namespace rackproof
