// SPDX-License-Identifier: Apache-2.0
// `rackproof profile list | show NAME | check FILE...`: what a rack must have and must reach.
#include "profiles/profile.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/print.h"

namespace rackproof {
namespace {

int list() {
  std::string text;
  for (const ProfileSummary& p : list_profiles()) {
    text +=
        fmt::format("{:<20} {}{}\n", p.name, p.title, p.abstract ? " (only to be extended)" : "");
  }
  print(text.empty() ? "no profiles found; set RACKPROOF_PROFILES to their folder" : text);
  return 0;
}

int show(const std::string& wanted) {
  const auto profile = load_profile(wanted);
  if (!profile) return complain(profile.error());
  print(profile->resolved_yaml);
  return 0;
}

int check(const std::vector<std::string>& files) {
  int code = 0;
  for (const std::string& file : files) {
    const auto profile = load_profile(file);
    if (!profile) {
      code = complain(profile.error());
    } else {
      print(fmt::format("{}: good: {} revision {}, {} stages, {} limits", file, profile->name,
                        profile->revision, profile->stages.size(), profile->limits.size()));
    }
  }
  return code;
}

}  // namespace

void add_profile(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("profile", "list, show and check profiles");
  command->require_subcommand(1);
  command->add_subcommand("list", "all profiles")->callback([&exit_code] { exit_code = list(); });

  const auto wanted = std::make_shared<std::string>();
  CLI::App* shown =
      command->add_subcommand("show", "one profile with all that it extends, resolved");
  shown->add_option("NAME", *wanted, "a profile's name, or a file")->required();
  shown->callback([wanted, &exit_code] { exit_code = show(*wanted); });

  const auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* checked =
      command->add_subcommand("check", "every mistake in the files, with line and column");
  checked->add_option("FILE", *files, "profiles to check")->required();
  checked->callback([files, &exit_code] { exit_code = check(*files); });
}

}  // namespace rackproof
