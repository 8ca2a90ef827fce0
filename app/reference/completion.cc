// SPDX-License-Identifier: Apache-2.0
// `rackproof completion bash|zsh|fish`.
#include "app/reference/completion.h"

#include <CLI/CLI.hpp>
#include <map>

#include "app/commands.h"
#include "app/print.h"

namespace rackproof {

Completes completes(const std::string& value) {
  static const std::map<std::string, Completes> kKinds{
      {"FILE", Completes::files},       {"URI", Completes::files},
      {"RACK", Completes::files},       {"DIR", Completes::folders},
      {"BUNDLE", Completes::folders},   {"PROFILE", Completes::profiles},
      {"STAGE", Completes::stages},     {"STRESSOR", Completes::stressors},
      {"KEY=VALUE", Completes::params}, {"BACKEND", Completes::backends}};
  const auto found = kKinds.find(value);
  return found == kKinds.end() ? Completes::nothing : found->second;
}

std::string single_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

void add_completion(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("completion", "print what a shell needs to complete rackproof");
  command->require_subcommand(1);
  struct Shell {
    const char *name, *how;
    std::string (*print)(const CommandDoc&);
  };
  for (const Shell& shell :
       {Shell{"bash", "for ~/.bashrc: source <(rackproof completion bash)", bash_completion},
        Shell{"zsh", "for a folder of $fpath: rackproof completion zsh > _rackproof",
              zsh_completion},
        Shell{"fish", "for ~/.config/fish/completions/rackproof.fish", fish_completion}}) {
    command->add_subcommand(shell.name, shell.how)->callback([shell, &exit_code] {
      print(shell.print(document_command_line()));
      exit_code = 0;
    });
  }
}

}  // namespace rackproof
