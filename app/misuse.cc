// SPDX-License-Identifier: Apache-2.0
#include "app/misuse.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

namespace rackproof {
namespace {

std::vector<std::string> subcommands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

// "rackproof profile".
std::string full_name_of(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return (parent == nullptr ? "" : full_name_of(*parent) + " ") + app.get_name();
}

std::string known_here(const CLI::App& app, const std::vector<std::string>& known) {
  if (app.get_parent() == nullptr) return "--help lists them";
  return fmt::format("`{}` has {}", full_name_of(app), fmt::join(known, ", "));
}

const CLI::App& chosen(const CLI::App& app) {
  const auto below = app.get_subcommands();
  return below.empty() ? app : chosen(*below.back());
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

constexpr const char* kEmpty = "is empty; was a variable not set?";

std::string is_empty(const std::string& value) { return value.empty() ? kEmpty : ""; }

}  // namespace

std::optional<Error> wrong_subcommand(const CLI::App& app, int argc, const char* const* argv) {
  const CLI::App* at = &app;
  for (int i = 1;; ++i) {
    const auto known = subcommands_of(*at);
    if (known.empty()) return std::nullopt;
    if (i >= argc) return Error{"a subcommand is missing; " + known_here(*at, known)};
    const std::string word = argv[i];
    if (word.starts_with("-")) return std::nullopt;
    if (std::find(known.begin(), known.end(), word) == known.end()) {
      const std::string near = nearest(word, known);
      return Error{
          fmt::format("unknown subcommand '{}'; {}", word,
                      near.empty() ? known_here(*at, known) : "did you mean '" + near + "'?")};
    }
    at = at->get_subcommand(word);
  }
}

std::optional<Error> empty_assignment(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") return std::nullopt;
    if (word.starts_with("--") && word.find('=') == word.size() - 1)
      return Error{fmt::format("{}: {}", word.substr(0, word.size() - 1), kEmpty)};
  }
  return std::nullopt;
}

Error unexpected_word(const CLI::App& app) {
  const CLI::App& command = chosen(app);
  const auto extra = app.remaining(true);
  const std::string word = extra.empty() ? "" : extra.front().substr(0, extra.front().find('='));
  const std::string near = nearest(word, options_of(command));
  return Error{fmt::format(
      "unexpected '{}'; {}", word,
      near.empty() ? fmt::format("`{} --help` lists what it takes", full_name_of(command))
                   : "did you mean '" + near + "'?")};
}

void refuse_empty_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() > 0) option->check(is_empty);
  }
  for (CLI::App* command : app.get_subcommands(nullptr)) refuse_empty_values(*command);
}

}  // namespace rackproof
