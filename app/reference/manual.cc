// SPDX-License-Identifier: Apache-2.0
// `rackproof man [--markdown]`, and what the two renderings share.
#include "app/reference/manual.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <sstream>

#include "app/commands.h"
#include "app/print.h"
#include "app/version.h"

namespace rackproof {

std::vector<Passage> passages(const std::string& footer) {
  std::vector<Passage> all;
  std::istringstream lines(footer);
  bool fresh = true;
  for (std::string line; std::getline(lines, line);) {
    const bool verbatim = line.starts_with("  ");
    if (line.empty()) {
      fresh = true;
    } else if (fresh || all.back().verbatim != verbatim) {
      all.push_back({verbatim, verbatim ? line.substr(2) : line});
      fresh = false;
    } else {
      all.back().text += verbatim ? "\n" + line.substr(2) : " " + line;
    }
  }
  return all;
}

const std::vector<Surrounding>& variables() {
  static const std::vector<Surrounding> kAll{
      {"RACKPROOF_PROFILES",
       "folders with profiles, separated by colons, searched before those that came with the "
       "program; one that cannot be read is refused"},
      {"RACKPROOF_LOCK_DIR",
       "where the lock lies by which one run at a time measures on a host (default: /run/lock)"},
      {"XDG_CONFIG_HOME",
       "the station's key is in rackproof/station.pem below it (default: ~/.config)"},
      {"NO_COLOR", "no colours when it is set and not empty"},
      {"TERM", "plain lines instead of the live view when it is not set or dumb"},
      {"LC_ALL, LC_CTYPE, LANG", "ASCII alone on the terminal unless the locale is of UTF-8"},
      {"OPENSSL_MODULES",
       "where OpenSSL looks for its modules; else lib/ossl-modules beside bin/ where that exists"},
      {"OPENSSL_CONF", "OpenSSL's configuration, for keys in tokens and TPMs"}};
  return kAll;
}

const std::vector<Surrounding>& files() {
  static const std::vector<Surrounding> kAll{
      {"~/.config/rackproof/station.pem",
       "the station's signing key, made on first use with mode 0600; station.pub.pem is its public "
       "half"},
      {"../share/rackproof/profiles/*.yaml",
       "the profiles that came with the program, from its own folder"},
      {"../share/rackproof/pci.ids",
       "names of PCI devices, from the program's own folder; the system's list where it is not "
       "there"}};
  return kAll;
}

void add_man(CLI::App& app, int& exit_code) {
  const auto as_markdown = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("man", "print the manual: rackproof man | man -l -");
  command->add_flag("--markdown", *as_markdown, "as Markdown instead of troff");
  command->callback([as_markdown, &exit_code] {
    const CommandDoc whole = document_command_line();
    print(*as_markdown ? markdown(whole) : man_page(whole, kVersion));
    exit_code = 0;
  });
}

}  // namespace rackproof
