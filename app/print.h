// SPDX-License-Identifier: Apache-2.0
// How every subcommand speaks: results on stdout, complaints on stderr, one line a mistake.
#pragma once

#include <string>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace rackproof {

void print(const std::string& text);
/// Two-space indented, keys sorted, a newline at the end.
void print(const Json& json);
/// False, and said on stderr, when what was printed could not be written: a full disk. A reader who
/// has left (`| head`) is none of that.
[[nodiscard]] bool all_printed();
/// "rackproof: TEXT" on stderr; returns the exit code for bad usage.
int complain(const Error& error);
int complain(const std::vector<Error>& errors);

}  // namespace rackproof
