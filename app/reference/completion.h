// SPDX-License-Identifier: Apache-2.0
// What a shell reads to complete rackproof's command line; one file a shell.
#pragma once

#include <string>

#include "app/reference/command_doc.h"

namespace rackproof {

[[nodiscard]] std::string bash_completion(const CommandDoc& whole);
[[nodiscard]] std::string zsh_completion(const CommandDoc& whole);
[[nodiscard]] std::string fish_completion(const CommandDoc& whole);

/// What `value` is completed with.
enum class Completes { nothing, files, folders, profiles, stages, stressors, params, backends };
[[nodiscard]] Completes completes(const std::string& value);

/// 'text', safe in all three shells' single quotes.
[[nodiscard]] std::string single_quoted(const std::string& text);

}  // namespace rackproof
