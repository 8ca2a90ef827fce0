// SPDX-License-Identifier: Apache-2.0
// A worker that does not go on is noticed wherever it hangs, and killed however it resists.
#include <gtest/gtest.h>

#include "runner/selftest_way_for_test.h"

namespace rackproof::testing {
namespace {

constexpr double kSilence_s = 1.5, kDeadline_s = 5;

std::string words_at(const std::string& moment) {
  if (moment == "preparing") return "past the step's deadline of 5.0 s, while preparing";
  if (moment == "leaving") return "did not exit within 3.0 s of its last word";
  return "silent for [0-9.]+ s under load";
}

std::vector<Way> ways() {
  std::vector<Way> all;
  for (const char* moment : {"preparing", "first_burst", "later", "leaving"}) {
    for (const char* way :
         {"sleep", "spin", "ignore_signals", "stop", "pipe", "deadlock", "stop_group"}) {
      all.push_back({.stressor = "selftest.hang",
                     .params = {{"way", way}, {"moment", moment}},
                     .outcome = Outcome::hung,
                     .words = words_at(moment),
                     .silence_s = kSilence_s,
                     .deadline_s = kDeadline_s});
    }
    all.push_back({.stressor = "selftest.hang",
                   .params = {{"way", "child"}, {"moment", moment}},
                   .outcome = Outcome::finished,
                   .words = "",
                   .verdict = Verdict::pass});
  }
  return all;
}

[[maybe_unused]] const bool registered = register_ways("hangs", ways());

TEST(Selftest, NoticesEveryHang) { expect_ways("hangs"); }

}  // namespace
}  // namespace rackproof::testing
