// SPDX-License-Identifier: Apache-2.0
// What the page is dressed in: template, style and scripts, embedded when rackproof was built.
#pragma once

#include <string>
#include <string_view>

namespace rackproof {

[[nodiscard]] std::string_view page_template();
[[nodiscard]] std::string_view page_style();
/// dygraphs with its licence; defines the global Dygraph.
[[nodiscard]] const std::string& plot_script();
/// The viewer's modules as one: their imports of each other and the word export are taken away.
[[nodiscard]] const std::string& viewer_script();

/// A CSP source for an inline block of exactly this text: 'sha256-...'.
[[nodiscard]] std::string policy_hash(std::string_view block);

}  // namespace rackproof
