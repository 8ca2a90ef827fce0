// SPDX-License-Identifier: Apache-2.0
// `rackproof profile list | show NAME | check FILE... | fit`: what a rack must have and must reach.
#include "profiles/profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/choose.h"
#include "app/commands.h"
#include "app/print.h"
#include "profiles/extends.h"

namespace rackproof {
namespace {

int list() {
  if (const auto good = check_profile_folders(); !good) return complain(good.error());
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
      print(fmt::format("{}: good: {} revision {}, {} stage{}, {} limit{}", file, profile->name,
                        profile->revision, profile->stages.size(),
                        profile->stages.size() == 1 ? "" : "s", profile->limits.size(),
                        profile->limits.size() == 1 ? "" : "s"));
    }
  }
  return code;
}

// What is missing of one profile's hardware; empty: all is there.
std::string missing_of(const Plan& plan) {
  std::vector<std::string> all;
  for (const InventoryCheck& check : plan.inventory) {
    const std::string& what = check.detail.empty() ? check.name : check.detail;
    if (!check.met && std::find(all.begin(), all.end(), what) == all.end()) all.push_back(what);
  }
  return fmt::format("{}", fmt::join(all, "; "));
}

std::string fit_line(const Profile& profile, const Rack& rack, const std::string& best) {
  const auto plan = make_plan(profile, rack);
  const std::string wrong = plan ? missing_of(*plan) : plan.error().text();
  return fmt::format("{} {:<20} {}\n", profile.name == best ? "->" : "  ", profile.name,
                     wrong.empty() ? "all of its hardware is there" : wrong);
}

int fit(const RackOptions& options) {
  const auto rack = look_around(options);
  if (!rack) return complain(rack.error());
  const auto profiles = usable_profiles();
  if (!profiles) return complain(profiles.error());
  const auto choice = choose_profile(*profiles, *rack);
  if (!choice) return complain(choice.error());
  std::string text;
  for (const Profile& profile : *profiles) text += fit_line(profile, *rack, choice->profile);
  print(text + choice->why);
  return 0;
}

}  // namespace

void add_profile(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("profile", "list, show, check and fit profiles");
  command->require_subcommand(1);
  command->add_subcommand("list", "all profiles")->callback([&exit_code] { exit_code = list(); });

  const auto wanted = std::make_shared<std::string>();
  CLI::App* shown =
      command->add_subcommand("show", "one profile with all that it extends, resolved");
  shown->add_option("PROFILE", *wanted, "a profile's name, or a file")->required()->type_name("");
  shown->callback([wanted, &exit_code] { exit_code = show(*wanted); });

  CLI::App* fitted =
      command->add_subcommand("fit", "which profile fits this machine best, or a capture's");
  const auto rack = add_reading_options(*fitted);
  fitted->callback([rack, &exit_code] { exit_code = fit(*rack); });

  const auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* checked =
      command->add_subcommand("check", "every mistake in the files, with line and column");
  checked->add_option("FILE", *files, "profiles to check")->required()->type_name("");
  checked->callback([files, &exit_code] { exit_code = check(*files); });
}

}  // namespace rackproof
