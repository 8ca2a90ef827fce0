// SPDX-License-Identifier: Apache-2.0
// troff with the macros of man(7).
#include <fmt/format.h>

#include <sstream>

#include "app/reference/manual.h"

namespace rackproof {
namespace {

// A leading "." or "'" is a request, a backslash an escape, and a bare hyphen may become a dash.
std::string troff(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool first = i == 0 || text[i - 1] == '\n';
    if (first && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '~') {
      out += "\\(ti";
    } else if (c == '`') {
      out += "\\(ga";
    } else if (c == '\'') {
      out += "\\(aq";
    } else {
      out += c;
    }
  }
  return out;
}

std::string section(const std::string& name) { return ".SH " + name + "\n"; }

std::string item(const std::string& head, const std::string& body) {
  return ".TP\n" + head + "\n" + troff(body) + "\n";
}

std::string option_head(const OptionDoc& option) {
  std::string head;
  for (const std::string& name : option.names) {
    head += (head.empty() ? "" : ", ") + fmt::format("\\fB{}\\fR", troff(name));
  }
  return option.value.empty() ? head : head + fmt::format(" \\fI{}\\fR", troff(option.value));
}

std::string passage_text(const std::vector<Passage>& all) {
  std::string text;
  for (const Passage& p : all) {
    text += p.verbatim ? ".PP\n.RS 4\n.nf\n" + troff(p.text) + "\n.fi\n.RE\n"
                       : ".PP\n" + troff(p.text) + "\n";
  }
  return text;
}

std::string one_line(std::string text) {
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text;
}

std::string command_section(const CommandDoc& command) {
  std::string text = fmt::format(".SS \"{}\"\n", troff(synopsis(command)));
  text += troff(one_line(command.summary)) + "\n";
  for (const OptionDoc& p : command.positionals) {
    text += item(fmt::format("\\fI{}\\fR", troff(p.value)), told(p));
  }
  for (const OptionDoc& o : command.options) {
    if (o.names.back() != "--help") text += item(option_head(o), told(o));
  }
  return text + passage_text(passages(command.footer));
}

std::string items(const std::vector<Surrounding>& all, const char* font) {
  std::string text;
  for (const Surrounding& s : all) {
    text += item(fmt::format("{}{}\\fR", font, troff(std::string(s.name))), std::string(s.effect));
  }
  return text;
}

}  // namespace

std::string man_page(const CommandDoc& whole, const std::string& version) {
  std::string text =
      ".\\\" Made by `rackproof man`: change the command line's definition instead.\n";
  text += fmt::format(".TH RACKPROOF 1 \"\" \"rackproof {}\" \"User Commands\"\n", version);
  text += section("NAME") + "rackproof \\- prove a rack of accelerators fit for use\n";
  text += section("SYNOPSIS") + ".B rackproof\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n";
  text += section("DESCRIPTION") + troff(one_line(whole.summary)) + "\n" +
          passage_text(passages(whole.footer));
  text += section("COMMANDS");
  for (const CommandDoc* command : all_commands(whole)) {
    if (command->commands.empty()) text += command_section(*command);
  }
  text += section("ENVIRONMENT") + items(variables(), "\\fB");
  text += section("FILES") + items(files(), "\\fI");
  return text + section("SEE ALSO") + ".BR openssl (1),\n.BR jq (1),\n.BR lspci (8)\n";
}

}  // namespace rackproof
