// SPDX-License-Identifier: Apache-2.0
// The command line's one definition: what is parsed, and what completion, man page and reference
// are made from.
#pragma once

#include <memory>

namespace CLI {
class App;
}

namespace rackproof {

/// Every subcommand, each of which leaves the exit code in `exit_code`; nothing is run before
/// CLI::App::parse().
[[nodiscard]] std::shared_ptr<CLI::App> command_line(int& exit_code);

/// Parses and runs. Returns the process's exit code; 64 for bad usage.
[[nodiscard]] int run_command_line(int argc, char** argv);

}  // namespace rackproof
