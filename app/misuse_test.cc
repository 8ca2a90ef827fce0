// SPDX-License-Identifier: Apache-2.0
// What is said of words that the command line does not take.
#include "app/misuse.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace rackproof {
namespace {

class Misuse : public testing::Test {
 protected:
  Misuse() {
    app_.require_subcommand(1);
    run_->add_option("--nonce", nonce_);
    run_->add_option("PROFILE", profile_);
    run_->add_flag("--keep-going", keep_going_);
    profiles_->require_subcommand(1);
    profiles_->add_subcommand("check");
    profiles_->add_subcommand("show");
    refuse_empty_values(app_);
  }

  std::string subcommand_told(std::vector<const char*> words) {
    words.insert(words.begin(), "rackproof");
    const auto wrong = wrong_subcommand(app_, static_cast<int>(words.size()), words.data());
    return wrong ? wrong->message : "";
  }

  std::string parsing_told(std::vector<std::string> words) {
    std::reverse(words.begin(), words.end());  // as CLI11 takes them
    try {
      app_.parse(words);
    } catch (const CLI::ExtrasError&) {
      return unexpected_word(app_).message;
    } catch (const CLI::ParseError& problem) {
      return problem.what();
    }
    return "";
  }

  CLI::App app_{"", "rackproof"};
  CLI::App* run_ = app_.add_subcommand("run");
  CLI::App* profiles_ = app_.add_subcommand("profile");
  std::string nonce_, profile_;
  bool keep_going_ = false;
};

TEST_F(Misuse, NamesTheSubcommandThatWasMeantAtAnyDepth) {
  EXPECT_EQ(subcommand_told({"runn"}), "unknown subcommand 'runn'; did you mean 'run'?");
  EXPECT_EQ(subcommand_told({"profile", "chek", "x"}),
            "unknown subcommand 'chek'; did you mean 'check'?");
  EXPECT_EQ(subcommand_told({"profile", "zzz"}),
            "unknown subcommand 'zzz'; `rackproof profile` has check, show");
  EXPECT_EQ(subcommand_told({"zzz"}), "unknown subcommand 'zzz'; --help lists them");
}

TEST_F(Misuse, SaysThatASubcommandIsMissing) {
  EXPECT_EQ(subcommand_told({}), "a subcommand is missing; --help lists them");
  EXPECT_EQ(subcommand_told({"profile"}),
            "a subcommand is missing; `rackproof profile` has check, show");
}

TEST_F(Misuse, LeavesGoodWordsAndOptionsAlone) {
  EXPECT_EQ(subcommand_told({"run", "zzz"}), "");
  EXPECT_EQ(subcommand_told({"profile", "show", "zzz"}), "");
  EXPECT_EQ(subcommand_told({"profile", "--help"}), "");
  EXPECT_EQ(parsing_told({"run", "x", "--nonce", "1", "--keep-going"}), "");
}

TEST_F(Misuse, NamesTheOptionThatWasMeant) {
  EXPECT_EQ(parsing_told({"run", "--keepgoing"}),
            "unexpected '--keepgoing'; did you mean '--keep-going'?");
  EXPECT_EQ(parsing_told({"run", "--nonse=5"}), "unexpected '--nonse'; did you mean '--nonce'?");
  EXPECT_EQ(parsing_told({"run", "x", "y"}),
            "unexpected 'y'; `rackproof run --help` lists what it takes");
}

TEST_F(Misuse, RefusesEmptyValues) {
  EXPECT_EQ(parsing_told({"run", "--nonce", ""}), "--nonce: is empty; was a variable not set?");
  EXPECT_EQ(parsing_told({"run", ""}), "PROFILE: is empty; was a variable not set?");
}

TEST_F(Misuse, RefusesAssignmentsOfNothing) {
  const char* words[] = {"rackproof", "run", "--with", "size=", "--out=", "generic-host"};
  EXPECT_EQ(empty_assignment(6, words)->message, "--out: is empty; was a variable not set?");
  EXPECT_FALSE(empty_assignment(4, words));
}

}  // namespace
}  // namespace rackproof
