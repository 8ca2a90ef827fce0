// SPDX-License-Identifier: Apache-2.0
// The manual, made from the command line's definition: one content, two renderings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/reference/command_doc.h"

namespace rackproof {

/// A footer's text: paragraphs, and lines to be shown as they are ("  rackproof run ...").
struct Passage {
  bool verbatim = false;
  std::string text;  ///< verbatim: several lines, without their common indent
};
[[nodiscard]] std::vector<Passage> passages(const std::string& footer);

/// A variable or file that changes what rackproof does.
struct Surrounding {
  std::string_view name, effect;
};
[[nodiscard]] const std::vector<Surrounding>& variables();
[[nodiscard]] const std::vector<Surrounding>& files();

/// For man(1): troff with the man macros. `version`: "0.1.0".
[[nodiscard]] std::string man_page(const CommandDoc& whole, const std::string& version);
/// For people who read the repository.
[[nodiscard]] std::string markdown(const CommandDoc& whole);

}  // namespace rackproof
