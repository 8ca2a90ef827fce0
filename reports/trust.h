// SPDX-License-Identifier: Apache-2.0
// TRUST.yaml: whose signatures count, and what the bundle must be about. Belongs to whoever
// verifies.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/hash.h"
#include "reports/key.h"

namespace rackproof {

/// Every role that is named must have signed; of several keys with one role, any one.
struct TrustedKey {
  std::string role;  ///< "station", "qa", ...
  PublicKey key;
};

struct Trust {
  std::vector<TrustedKey> keys;
  std::vector<Sha256> profiles;  ///< accepted profile.yaml; empty: any
  std::optional<std::uint64_t> minimum_revision;
  std::vector<std::string> serials;  ///< each must be the host's or of a device that took part
  std::string nonce;                 ///< hex; empty: any
};

/// Reads and checks the whole file; key files are looked up beside it. Unknown keys, repeated keys,
/// wrong values and one key under two names are Errors with line and column.
[[nodiscard]] Expected<Trust> load_trust(const std::filesystem::path& path);

}  // namespace rackproof
