// SPDX-License-Identifier: Apache-2.0
// What travels in each bundle for people without rackproof: VERIFY.md and verify.sh, which needs
// bash, openssl, jq and coreutils only.
#pragma once

#include <string>

#include "reports/key.h"

namespace rackproof {

/// VERIFY.md. A null `signer` says in its first line that the bundle is unsigned.
[[nodiscard]] std::string verify_page(const PublicKey* signer);

/// verify.sh; the same bytes in every bundle of one version of rackproof.
[[nodiscard]] std::string verify_script();

/// The jq program within it: reads report.json and yields {verdict, whole, rows, wrong}, where
/// `whole` is the worst of all parts and `wrong` names each row that is better than its numbers.
[[nodiscard]] std::string verdict_program();

}  // namespace rackproof
