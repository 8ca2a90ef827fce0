// SPDX-License-Identifier: Apache-2.0
// Markdown: a section a command, a table of its options.
#include <fmt/format.h>

#include <algorithm>

#include "app/reference/manual.h"

namespace rackproof {
namespace {

std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string code(const std::string& text) { return "`" + cell(text) + "`"; }

std::string option_row(const OptionDoc& option) {
  std::string names;
  for (const std::string& name : option.names) {
    names +=
        (names.empty() ? "" : ", ") +
        code(option.value.empty() || !name.starts_with("-") ? name : name + " " + option.value);
  }
  return fmt::format("| {} | {} |\n", names, cell(told(option)));
}

std::string passage_text(const std::vector<Passage>& all) {
  std::string text;
  for (const Passage& p : all) {
    text += p.verbatim ? "\n```\n" + p.text + "\n```\n" : "\n" + p.text + "\n";
  }
  return text;
}

std::string command_section(const CommandDoc& command) {
  std::string text = fmt::format("\n## {}\n\n{}\n\n```\n{}\n```\n", full_name(command),
                                 cell(command.summary), synopsis(command));
  std::string rows;
  for (const OptionDoc& p : command.positionals) rows += option_row(p);
  for (const OptionDoc& o : command.options) {
    if (o.names.back() != "--help") rows += option_row(o);
  }
  if (!rows.empty()) text += "\n| argument | meaning |\n|---|---|\n" + rows;
  return text + passage_text(passages(command.footer));
}

std::string table(const char* head, const std::vector<Surrounding>& all) {
  std::string text = fmt::format("| {} | effect |\n|---|---|\n", head);
  for (const Surrounding& s : all) {
    text += fmt::format("| {} | {} |\n", code(std::string(s.name)), cell(std::string(s.effect)));
  }
  return text;
}

}  // namespace

std::string markdown(const CommandDoc& whole) {
  std::string text =
      "# The command line\n\n"
      "<!-- Made by `rackproof man --markdown`: change the command line's definition "
      "instead. -->\n\n" +
      cell(whole.summary) + "\n" + passage_text(passages(whole.footer));
  for (const CommandDoc* command : all_commands(whole)) {
    if (command->commands.empty()) text += command_section(*command);
  }
  text += "\n## Environment\n\n" + table("variable", variables());
  return text + "\n## Files\n\n" + table("file", files());
}

}  // namespace rackproof
