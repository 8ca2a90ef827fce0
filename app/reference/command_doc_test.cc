// SPDX-License-Identifier: Apache-2.0
// A small command line, whose documents can be checked by eye, and this program's own.
#include "app/reference/command_doc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <sstream>

#include "app/reference/completion.h"
#include "app/reference/manual.h"
#include "app/reference/words.h"
#include "app/version.h"

namespace rackproof {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

CommandDoc small() {
  static std::string text;
  static std::vector<std::string> many;
  static bool flag = false;
  CLI::App app("proves things", "rackproof");
  CLI::App* run = app.add_subcommand("run", "run it's [best]");
  run->add_option("PROFILE", text, "which")->type_name("");
  run->add_option("--out", text, "where|to")->type_name("DIR")->capture_default_str();
  run->add_option("--color", text, "colours")->check(CLI::IsMember({"auto", "never"}));
  auto* stage = run->add_option("-s,--stage", many, "only these")->type_name("STAGE");
  run->add_flag("--dry", flag, "no\\thing")->excludes(stage);
  run->footer("Examples:\n  rackproof run\n  .hidden line\n\nExit codes: 0 good,\n1 bad.\n");
  return document(app);
}

std::string file(const std::string& path) {
  std::ifstream in(std::string(RACKPROOF_SOURCE_DIR) + "/" + path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(CommandDoc, ReadsOffTheDefinition) {
  const CommandDoc run = small().commands.at(0);
  EXPECT_EQ(synopsis(run), "rackproof run [OPTIONS] [PROFILE]");
  ASSERT_EQ(run.options.size(), 5U);
  EXPECT_EQ(run.options[1].value, "DIR");
  EXPECT_THAT(run.options[2].choices, ElementsAre("auto", "never"));
  EXPECT_THAT(run.options[3].names, ElementsAre("-s", "--stage"));
  EXPECT_EQ(told(run.options[3]), "only these (repeatable); not together with --dry");
  EXPECT_EQ(run.options[4].value, "");
}

TEST(Manual, FootersArePassages) {
  const auto all = passages(small().commands.at(0).footer);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_TRUE(all[1].verbatim);
  EXPECT_EQ(all[1].text, "rackproof run\n.hidden line");
  EXPECT_EQ(all[2].text, "Exit codes: 0 good, 1 bad.");
}

TEST(Manual, TroffIsEscaped) {
  const std::string page = man_page(small(), "9.9");
  EXPECT_THAT(page, HasSubstr("run it\\(aqs [best]"));
  EXPECT_THAT(page, HasSubstr("\n\\&.hidden line\n"));
  EXPECT_THAT(page, HasSubstr("no\\ething"));
  EXPECT_THAT(page, HasSubstr("\\fB\\-\\-out\\fR \\fIDIR\\fR"));
}

TEST(Manual, MarkdownTablesKeepTheirColumns) {
  EXPECT_THAT(markdown(small()), HasSubstr("| `--out DIR` | where\\|to |"));
}

TEST(Completion, EveryShellKnowsEveryOption) {
  const CommandDoc whole = document_command_line();
  const std::string bash = bash_completion(whole), zsh = zsh_completion(whole),
                    fish = fish_completion(whole);
  for (const CommandDoc* command : all_commands(whole)) {
    for (const OptionDoc& option : command->options) {
      const std::string name = option.names.back();
      EXPECT_THAT(bash, HasSubstr(name));
      EXPECT_THAT(zsh, HasSubstr("'" + std::string(option.repeatable ? "*" : "") + name + "["));
      EXPECT_THAT(fish, HasSubstr(" -l " + name.substr(2) + " ")) << command->path;
    }
  }
}

TEST(Completion, QuotesOfShellsAreKept) { EXPECT_EQ(single_quoted("it's"), "'it'\\''s'"); }

TEST(Completion, OptionsThatTakeAPathAreKnown) {
  const CommandDoc whole = document_command_line();
  for (const CommandDoc* command : all_commands(whole)) {
    for (const OptionDoc& option : command->options) {
      EXPECT_NE(option.value, "TEXT")
          << command->path << " " << option.names.back() << ": say what it takes with type_name()";
    }
  }
}

TEST(Words, OfAStressorAreItsParameters) {
  EXPECT_THAT(words_of("stressors", ""), Contains("compute.gemm"));
  EXPECT_THAT(words_of("params", "compute.gemm"), Contains("dtype=int8"));
  EXPECT_THAT(words_of("params", "compute.gemm"), Contains("size="));
  EXPECT_THAT(words_of("nonsense", "x"), ElementsAre());
  EXPECT_THAT(words_of("stages", "no such profile"), ElementsAre());
}

// The committed manual is what the program prints; `scripts/reference` writes it anew.
TEST(Reference, CommittedManualIsUpToDate) {
  const CommandDoc whole = document_command_line();
  EXPECT_EQ(file("docs/reference/cli.md"), markdown(whole)) << "run scripts/reference";
  EXPECT_EQ(file("docs/man/rackproof.1"), man_page(whole, kVersion)) << "run scripts/reference";
}

TEST(Reference, NoPathOfThisMachine) {
  EXPECT_THAT(markdown(document_command_line()), Not(HasSubstr(RACKPROOF_SOURCE_DIR)));
}

}  // namespace
}  // namespace rackproof
