// SPDX-License-Identifier: Apache-2.0
// A worker that ends itself, early or late, whatever its code says, has not finished.
#include <gtest/gtest.h>

#include "runner/selftest_way_for_test.h"

namespace rackproof::testing {
namespace {

Way exit_with(int code, const std::string& way, const std::string& moment) {
  const std::string where = moment == "preparing" ? "while preparing"
                            : moment == "leaving" ? "after its last word"
                                                  : "under load";
  return {.stressor = "selftest.exit",
          .params = {{"code", std::to_string(code)}, {"way", way}, {"moment", moment}},
          .words = "exit code " + std::to_string(code) + " " + where};
}

std::vector<Way> early_and_late() {
  std::vector<Way> ways;
  for (const int code : {0, 1, 2, 3, 5, 64, 75, 126, 127, 128, 137, 255}) {
    ways.push_back(exit_with(code, "_exit", "preparing"));
    ways.push_back(exit_with(code, "_exit", "later"));
  }
  for (const int code : {0, 3}) {
    for (const char* way : {"exit", "quick_exit"}) {
      ways.push_back(exit_with(code, way, "preparing"));
      ways.push_back(exit_with(code, way, "first_burst"));
    }
  }
  for (const int code : {1, 64, 255}) ways.push_back(exit_with(code, "_exit", "leaving"));
  return ways;
}

std::vector<Way> ways() {
  std::vector<Way> all = early_and_late();
  all.push_back({.stressor = "selftest.exit",
                 .params = {{"code", "0"}, {"way", "_exit"}, {"moment", "leaving"}},
                 .outcome = Outcome::finished,
                 .words = "",
                 .verdict = Verdict::pass});
  return all;
}

[[maybe_unused]] const bool registered = register_ways("exits", ways());

TEST(Selftest, BelievesNoExitCode) { expect_ways("exits"); }

}  // namespace
}  // namespace rackproof::testing
