// SPDX-License-Identifier: Apache-2.0
// Completion for bash >= 4, without the package bash-completion.
#include <fmt/format.h>

#include "app/reference/completion.h"

namespace rackproof {
namespace {

// bash splits words at "=" and ":" too; they are put together again, and of a reply only what
// follows the last of them is handed over. See bash(1), COMP_WORDBREAKS.
constexpr const char* kMain = R"BASH(
_rackproof_ask() { "$program" __complete "$@" 2>/dev/null; }

# KIND -> the words that fit $cur
_rackproof_reply() {
  local found=()
  case $1 in
    files) mapfile -t found < <(compgen -f -- "$cur"); compopt -o filenames 2>/dev/null ;;
    folders) mapfile -t found < <(compgen -d -- "$cur"); compopt -o filenames 2>/dev/null ;;
    profiles) mapfile -t found < <(compgen -W "$(_rackproof_ask profiles)" -- "$cur"; compgen -f -- "$cur") ;;
    stages) mapfile -t found < <(compgen -W "$(_rackproof_ask stages "$first")" -- "$cur") ;;
    params) mapfile -t found < <(compgen -W "$(_rackproof_ask params "$first")" -- "$cur") ;;
    stressors|backends) mapfile -t found < <(compgen -W "$(_rackproof_ask "$1")" -- "$cur") ;;
    words:*) mapfile -t found < <(compgen -W "${1#words:}" -- "$cur") ;;
  esac
  local i joined=''
  case $cur in *[=:]*) joined=${cur%"${cur##*[=:]}"} ;; esac
  for i in "${!found[@]}"; do
    [[ ${found[i]} == *= ]] && compopt -o nospace 2>/dev/null
    found[i]=${found[i]#"$joined"}
  done
  COMPREPLY=("${found[@]}")
}

_rackproof() {
  local program=${COMP_WORDS[0]} words=() word cur glue=no i
  case $program in '~'/*) program=$HOME/${program#'~/'} ;; esac
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ ${#words[@]} -gt 0 && $word == [=:] ]]; then
      words[-1]+=$word glue=yes
    elif [[ $glue == yes ]]; then
      words[-1]+=$word glue=no
    else
      words+=("$word")
    fi
  done
  cur=${words[-1]-}
  [[ ${#words[@]} -gt 0 ]] && unset 'words[-1]'

  local path='' first='' pending='' place=0 commands options places kind
  _rackproof_command "$path"
  for word in "${words[@]}"; do
    if [[ -n $pending ]]; then
      pending=''
    elif [[ $word == -* ]]; then
      kind=''
      [[ $word == *=* ]] || _rackproof_option "$path" "$word"
      pending=$kind
    elif [[ " $commands " == *" $word "* ]]; then
      path=${path:+$path }$word
      _rackproof_command "$path"
    else
      [[ $place -eq 0 ]] && first=$word
      place=$((place + 1))
    fi
  done

  if [[ -n $pending ]]; then
    _rackproof_reply "$pending"
  elif [[ $cur == --*=* ]]; then
    kind=''
    _rackproof_option "$path" "${cur%%=*}"
    cur=${cur#*=}
    _rackproof_reply "$kind"
  elif [[ $cur == -* ]]; then
    _rackproof_reply "words:$options"
  elif [[ -n $commands ]]; then
    _rackproof_reply "words:$commands"
  else
    set -- $places
    kind=${@:place + 1:1}
    [[ -z $kind && ${@: -1} == *... ]] && kind=${@: -1}
    _rackproof_reply "${kind%...}"
  fi
}
complete -F _rackproof rackproof
)BASH";

std::string kind_word(const OptionDoc& option) {
  if (!option.choices.empty()) return fmt::format("words:{}", fmt::join(option.choices, " "));
  switch (completes(option.value)) {
    case Completes::files:
      return "files";
    case Completes::folders:
      return "folders";
    case Completes::profiles:
      return "profiles";
    case Completes::stages:
      return "stages";
    case Completes::stressors:
      return "stressors";
    case Completes::params:
      return "params";
    case Completes::backends:
      return "backends";
    case Completes::nothing:
      break;
  }
  return "nothing";
}

std::string command_case(const CommandDoc& command) {
  std::string names, options, places;
  for (const CommandDoc& c : command.commands) names += (names.empty() ? "" : " ") + c.name;
  for (const OptionDoc& o : command.options) {
    for (const std::string& name : o.names) options += (options.empty() ? "" : " ") + name;
  }
  for (const OptionDoc& p : command.positionals) {
    places += (places.empty() ? "" : " ") + kind_word(p) + (p.repeatable ? "..." : "");
  }
  return fmt::format("    '{}') commands='{}' options='{}' places='{}' ;;\n", command.path, names,
                     options, places);
}

std::string option_cases(const CommandDoc& command) {
  std::string text;
  for (const OptionDoc& o : command.options) {
    if (o.value.empty()) continue;
    for (const std::string& name : o.names) {
      text += fmt::format("    '{} {}') kind='{}' ;;\n", command.path, name, kind_word(o));
    }
  }
  return text;
}

}  // namespace

std::string bash_completion(const CommandDoc& whole) {
  std::string commands, options;
  for (const CommandDoc* command : all_commands(whole)) {
    commands += command_case(*command);
    options += option_cases(*command);
  }
  return "# Completes rackproof in bash. Made by `rackproof completion bash`.\n"
         "_rackproof_command() {\n  case $1 in\n" +
         commands +
         "  esac\n}\n"
         "_rackproof_option() {\n  case \"$1 $2\" in\n" +
         options + "  esac\n}" + kMain;
}

}  // namespace rackproof
