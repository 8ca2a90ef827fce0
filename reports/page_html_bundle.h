// SPDX-License-Identifier: Apache-2.0
// report.html from a bundle's files: when it is finished, verified, or looked at again.
#pragma once

#include <filesystem>
#include <string>

#include "reports/verify_steps.h"

namespace rackproof {

struct PageSources {
  std::filesystem::path bundle;  ///< where telemetry/ lies
  std::string report_json, inventory_json;
  std::string signer_pem;  ///< empty: unsigned
  std::string notice = {};
};

/// The page's bytes: no clock, locale or chance bears on them. Errors: not JSON, no public key.
[[nodiscard]] Expected<std::string> render_page(const PageSources& sources);

/// From the folder, for somebody who wants to look at it: nothing is verified, and the page says
/// so. Errors: a file is missing or broken, or the report is of another version's schema.
[[nodiscard]] Expected<std::string> page_again(const std::filesystem::path& bundle);

/// report.html, where the bundle has one: its data must be report.json's, and the whole page what
/// this rackproof renders, when it is of the version that made it.
[[nodiscard]] Checked<void> check_page(const std::filesystem::path& bundle,
                                       const BundleContents& contents,
                                       const std::string& own_version);

}  // namespace rackproof
