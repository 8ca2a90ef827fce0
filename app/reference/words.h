// SPDX-License-Identifier: Apache-2.0
// Words that only the program knows, for a shell that completes a command line.
#pragma once

#include <string>
#include <vector>

namespace rackproof {

/// KIND is "profiles", "stressors", "backends", "params" with a stressor, or "stages" with a
/// profile. Nothing for what is unknown: a shell in the middle of a word is no place for
/// complaints.
[[nodiscard]] std::vector<std::string> words_of(const std::string& kind, const std::string& of);

/// The hidden `rackproof __complete KIND [OF]`: one word a line.
int print_words(int argc, char** argv);

}  // namespace rackproof
