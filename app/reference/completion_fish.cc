// SPDX-License-Identifier: Apache-2.0
// Completion for fish: one `complete` a word.
#include <fmt/format.h>

#include "app/reference/completion.h"

namespace rackproof {
namespace {

constexpr const char* kMain =
    R"FISH(# Completes rackproof in fish. Made by `rackproof completion fish`.
function __rackproof_ask
    set -l words (commandline -opc)
    $words[1] __complete $argv 2>/dev/null
end
# The words so far that are no options: the command's path, then what it is given.
function __rackproof_plain
    set -l words (commandline -opc)
    for word in $words[2..-1]
        string match -q -- '-*' $word; or echo $word
    end
end
function __rackproof_at
    set -l plain (__rackproof_plain)
    set -l depth (count $argv)
    test (count $plain) -ge $depth; or return 1
    test $depth -eq 0; or test "$plain[1..$depth]" = "$argv"
end
function __rackproof_exactly
    test (count (__rackproof_plain)) -eq (count $argv); and __rackproof_at $argv
end
function __rackproof_ask_of_first
    set -l plain (__rackproof_plain)
    __rackproof_ask $argv[1] $plain[2]
end
complete -c rackproof -f
)FISH";

std::string values(const OptionDoc& option) {
  if (!option.choices.empty()) {
    return " -x -a " + single_quoted(fmt::format("{}", fmt::join(option.choices, " ")));
  }
  switch (completes(option.value)) {
    case Completes::files:
      return " -r -F";
    case Completes::folders:
      return " -x -a '(__fish_complete_directories)'";
    case Completes::profiles:
      return " -r -F -a '(__rackproof_ask profiles)'";
    case Completes::stages:
      return " -x -a '(__rackproof_ask_of_first stages)'";
    case Completes::stressors:
      return " -x -a '(__rackproof_ask stressors)'";
    case Completes::params:
      return " -x -a '(__rackproof_ask_of_first params)'";
    case Completes::backends:
      return " -x -a '(__rackproof_ask backends)'";
    case Completes::nothing:
      break;
  }
  return " -x";
}

std::string at(const std::string& condition, const CommandDoc& command) {
  const std::string path = command.path.empty() ? "" : " " + command.path;
  return "complete -c rackproof -n '" + condition + path + "'";
}

std::string lines_of(const CommandDoc& command) {
  std::string text;
  for (const CommandDoc& c : command.commands) {
    text += at("__rackproof_exactly", command) + " -a " + c.name + " -d " +
            single_quoted(c.summary) + "\n";
  }
  for (const OptionDoc& o : command.options) {
    std::string line = at("__rackproof_at", command);
    for (const std::string& name : o.names) {
      line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    text +=
        line + (o.value.empty() ? "" : values(o)) + " -d " + single_quoted(o.description) + "\n";
  }
  for (const OptionDoc& p : command.positionals) {
    text += at(p.repeatable ? "__rackproof_at" : "__rackproof_exactly", command) + values(p) + "\n";
  }
  return text;
}

}  // namespace

std::string fish_completion(const CommandDoc& whole) {
  std::string text = kMain;
  for (const CommandDoc* command : all_commands(whole)) text += lines_of(*command);
  return text;
}

}  // namespace rackproof
