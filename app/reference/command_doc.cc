// SPDX-License-Identifier: Apache-2.0
#include "app/reference/command_doc.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/command_line.h"

namespace rackproof {
namespace {

// "TEXT:{auto,never,always}" -> auto, never, always.
std::vector<std::string> choices_in(const std::string& type) {
  const auto open = type.find('{'), close = type.rfind('}');
  if (open == std::string::npos || close == std::string::npos) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  if (names.empty()) names.push_back(option.get_name(true));
  return names;
}

OptionDoc document(const CLI::Option& option) {
  const bool positional = !option.nonpositional(), flag = option.get_items_expected_max() == 0;
  const std::string type = option.get_type_name();
  OptionDoc doc;
  doc.names = names_of(option);
  doc.choices = choices_in(type);
  doc.value = flag ? "" : positional ? doc.names.front() : type.substr(0, type.find(':'));
  if (!doc.choices.empty()) doc.value = fmt::format("{}", fmt::join(doc.choices, "|"));
  doc.description = option.get_description();
  doc.fallback = flag ? "" : option.get_default_str();
  doc.required = option.get_required();
  doc.repeatable = option.get_items_expected_max() > 1;
  for (const CLI::Option* other : option.get_excludes()) {
    doc.excludes.push_back(names_of(*other).back());
  }
  std::sort(doc.excludes.begin(), doc.excludes.end());
  return doc;
}

CommandDoc document_below(const CLI::App& app, const std::string& path) {
  CommandDoc doc;
  doc.path = path;
  doc.name = app.get_name();
  doc.summary = app.get_description();
  doc.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    (option->nonpositional() ? doc.options : doc.positionals).push_back(document(*option));
  }
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    const std::string& name = command->get_name();
    doc.commands.push_back(document_below(*command, path.empty() ? name : path + " " + name));
  }
  return doc;
}

void collect(const CommandDoc& command, std::vector<const CommandDoc*>& all) {
  all.push_back(&command);
  for (const CommandDoc& below : command.commands) collect(below, all);
}

}  // namespace

CommandDoc document(const CLI::App& app) { return document_below(app, ""); }

CommandDoc document_command_line() {
  int unused = 0;
  return document(*command_line(unused));
}

std::vector<const CommandDoc*> all_commands(const CommandDoc& whole) {
  std::vector<const CommandDoc*> all;
  collect(whole, all);
  return all;
}

std::string full_name(const CommandDoc& command) {
  return command.path.empty() ? "rackproof" : "rackproof " + command.path;
}

std::string synopsis(const CommandDoc& command) {
  std::string text = full_name(command);
  if (!command.commands.empty()) return text + " COMMAND";
  if (command.options.size() > 1) text += " [OPTIONS]";
  for (const OptionDoc& p : command.positionals) {
    const std::string name = p.names.front() + (p.repeatable ? "..." : "");
    text += p.required ? " " + name : " [" + name + "]";
  }
  return text;
}

std::string told(const OptionDoc& option) {
  std::string text = option.description;
  const bool says_default = text.find("(default") != std::string::npos;
  if (!option.fallback.empty() && !says_default)
    text += fmt::format(" (default: {})", option.fallback);
  if (option.repeatable && text.find("(repeatable") == std::string::npos) text += " (repeatable)";
  if (!option.excludes.empty()) {
    text += fmt::format("; not together with {}", fmt::join(option.excludes, ", "));
  }
  return text;
}

}  // namespace rackproof
