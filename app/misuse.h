// SPDX-License-Identifier: Apache-2.0
// What CLI11 says too little of: words that no command takes, and values that are empty.
#pragma once

#include <optional>

#include "core/error.h"

namespace CLI {
class App;
}

namespace rackproof {

/// The first word that should be a subcommand and is none, or is missing; at any depth.
[[nodiscard]] std::optional<Error> wrong_subcommand(const CLI::App& app, int argc,
                                                    const char* const* argv);

/// The first `--option=` without a value: CLI11 would take the next word for it.
[[nodiscard]] std::optional<Error> empty_assignment(int argc, const char* const* argv);

/// The first word that the chosen subcommand of a parsed `app` does not take, with the option that
/// was meant.
[[nodiscard]] Error unexpected_word(const CLI::App& app);

/// Every option and argument below `app` refuses the empty text: it comes of a variable that is not
/// set, and what was asked for would silently not happen.
void refuse_empty_values(CLI::App& app);

}  // namespace rackproof
