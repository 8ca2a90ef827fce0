// SPDX-License-Identifier: Apache-2.0
// Completion for zsh: one function a command, with _arguments (zshcompsys(1)).
#include <fmt/format.h>

#include <algorithm>

#include "app/reference/completion.h"

namespace rackproof {
namespace {

constexpr const char* kMain = R"ZSH(
_rackproof_ask() {
  local -a found
  found=(${(f)"$($_rackproof_program __complete "$@" 2>/dev/null)"})
  if [[ $1 == params ]]; then compadd -S '' -a found; else compadd -a found; fi
}
# The first word of the line that is a stressor.
_rackproof_stressor() {
  local -a known; known=(${(f)"$($_rackproof_program __complete stressors 2>/dev/null)"})
  local word; for word in $words; do (( ${known[(Ie)$word]} )) && print -r -- $word && return; done
}
_rackproof_profile() {
  local word; for word in $words[2,-1]; do [[ $word != -* ]] && print -r -- $word && return; done
}
_rackproof() {
  typeset -g _rackproof_program=${(Q)~words[1]}
  _rackproof_
}
if [[ $funcstack[1] == _rackproof ]]; then _rackproof "$@"; else compdef _rackproof rackproof; fi
)ZSH";

std::string function_of(const std::string& path) {
  std::string name = "_rackproof_" + path;
  std::replace(name.begin(), name.end(), ' ', '_');
  return path.empty() ? name : name + "_";
}

// "[" "]" and ":" have a meaning in _arguments' specifications.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string action(const OptionDoc& option) {
  if (!option.choices.empty()) return fmt::format("({})", fmt::join(option.choices, " "));
  switch (completes(option.value)) {
    case Completes::files:
      return "_files";
    case Completes::folders:
      return "_files -/";
    case Completes::profiles:
      return "{_rackproof_ask profiles; _files}";
    case Completes::stages:
      return "{_rackproof_ask stages \"$(_rackproof_profile)\"}";
    case Completes::stressors:
      return "{_rackproof_ask stressors}";
    case Completes::params:
      return "{_rackproof_ask params \"$(_rackproof_stressor)\"}";
    case Completes::backends:
      return "{_rackproof_ask backends}";
    case Completes::nothing:
      break;
  }
  return " ";
}

std::string option_specs(const OptionDoc& option) {
  std::string text;
  for (const std::string& name : option.names) {
    std::string spec =
        (option.repeatable ? "*" : "") + name + "[" + escaped(option.description) + "]";
    if (!option.value.empty()) spec += ":" + escaped(option.value) + ":" + action(option);
    text += " \\\n    " + single_quoted(spec);
  }
  return text;
}

std::string positional_spec(const OptionDoc& option) {
  const std::string start = option.repeatable ? "*:" : option.required ? ":" : "::";
  return " \\\n    " + single_quoted(start + escaped(option.value) + ":" + action(option));
}

std::string leaf(const CommandDoc& command) {
  std::string specs;
  for (const OptionDoc& o : command.options) specs += option_specs(o);
  for (const OptionDoc& p : command.positionals) specs += positional_spec(p);
  return "  _arguments -s" + specs + "\n";
}

std::string branch(const CommandDoc& command) {
  std::string specs, names, cases;
  for (const OptionDoc& o : command.options) specs += option_specs(o);
  for (const CommandDoc& c : command.commands) {
    names += " " + single_quoted(c.name + ":" + escaped(c.summary));
    cases += fmt::format("        {}) {} ;;\n", c.name, function_of(c.path));
  }
  return fmt::format(
      "  local curcontext=$curcontext state line\n"
      "  _arguments -C{} '1: :->command' '*:: :->rest'\n"
      "  case $state in\n"
      "    command) local -a names; names=({}); _describe command names ;;\n"
      "    rest)\n      case $line[1] in\n{}      esac ;;\n  esac\n",
      specs, names.empty() ? "" : names.substr(1), cases);
}

}  // namespace

std::string zsh_completion(const CommandDoc& whole) {
  std::string text = "#compdef rackproof\n# Made by `rackproof completion zsh`.\n";
  for (const CommandDoc* command : all_commands(whole)) {
    text += function_of(command->path) + "() {\n" +
            (command->commands.empty() ? leaf(*command) : branch(*command)) + "}\n";
  }
  return text + kMain;
}

}  // namespace rackproof
