// SPDX-License-Identifier: Apache-2.0
// The command line as plain data, read off its own definition: what completion, man page and
// reference are made from.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace rackproof {

struct OptionDoc {
  std::vector<std::string> names;     ///< "-h", "--help"; of a positional its one name, "PROFILE"
  std::string value;                  ///< what it takes: "DIR", "STAGE"; empty: a flag
  std::vector<std::string> choices;   ///< the only words it takes; empty: any
  std::vector<std::string> excludes;  ///< options that it cannot stand with
  std::string description, fallback;
  bool required = false, repeatable = false;
};

struct CommandDoc {
  std::string path;  ///< "", "run", "profile show"
  std::string name;  ///< its last word; the program's own for the whole
  std::string summary, footer;
  std::vector<OptionDoc> options, positionals;
  std::vector<CommandDoc> commands;
};

[[nodiscard]] CommandDoc document(const CLI::App& app);

/// This program's.
[[nodiscard]] CommandDoc document_command_line();

/// Parents before their children, the whole first.
[[nodiscard]] std::vector<const CommandDoc*> all_commands(const CommandDoc& whole);
std::vector<const CommandDoc*> all_commands(CommandDoc&& whole) = delete;  // they would dangle

/// "rackproof run [OPTIONS] [PROFILE]".
[[nodiscard]] std::string synopsis(const CommandDoc& command);

/// "rackproof profile show", of the whole "rackproof".
[[nodiscard]] std::string full_name(const CommandDoc& command);

/// Its description, then what else holds of it: default, choices, repeatable, what it excludes.
[[nodiscard]] std::string told(const OptionDoc& option);

}  // namespace rackproof
