// SPDX-License-Identifier: Apache-2.0
// The page's smallest parts: verdict marks, cells, lists of facts.
#pragma once

#include <string>
#include <string_view>

#include "core/verdict.h"

namespace rackproof {

/// The word with its icon and colour; a word that is no verdict is shown as it is.
[[nodiscard]] std::string verdict_mark(std::string_view word);
/// The CSS class that goes with it: "pass" ... "error", "none" for anything else.
[[nodiscard]] std::string verdict_class(std::string_view word);
/// The worst of two words; a word that is no verdict counts as ERROR, "" as nothing.
[[nodiscard]] std::string worse(const std::string& a, const std::string& b);

/// <td>, with a class unless that is empty. The text is escaped.
[[nodiscard]] std::string cell(std::string_view text, std::string_view css = {});
/// <div><dt>..</dt><dd>..</dd></div>; nothing when the text is empty.
[[nodiscard]] std::string fact(std::string_view term, std::string_view text);
/// <section> with its heading; `body` is markup.
[[nodiscard]] std::string section(std::string_view id, std::string_view title,
                                  const std::string& body);
/// A table that scrolls by itself on a narrow screen. `heads`: "Device|Verdict|>Value"; a '>' sets
/// the column to the right. `body`: rows of markup.
[[nodiscard]] std::string table(std::string_view label, std::string_view heads,
                                const std::string& body);
/// <details>; `summary` and `body` are markup.
[[nodiscard]] std::string folded(bool open, const std::string& summary, const std::string& body,
                                 std::string_view css = {});

}  // namespace rackproof
