// SPDX-License-Identifier: Apache-2.0
// What is thrown where it can be caught is an error and says nothing of the hardware; what is not
// ends the process.
#include <gtest/gtest.h>

#include "runner/selftest_way_for_test.h"

namespace rackproof::testing {
namespace {

Way thrown(const char* way, Outcome outcome, const std::string& words, Verdict verdict,
           const char* moment) {
  return {.stressor = "selftest.throw",
          .params = {{"way", way}, {"moment", moment}},
          .outcome = outcome,
          .words = words,
          .verdict = verdict};
}

std::vector<Way> at(const char* moment) {
  const auto error = [&](const char* way, const char* words) {
    return thrown(way, Outcome::device_error, words, Verdict::error, moment);
  };
  const auto crash = [&](const char* way) {
    return thrown(way, Outcome::crashed, "SIGABRT.*terminate called", Verdict::fail, moment);
  };
  return {error("device_error", "selftest.*: the device is lost"),
          error("exception", "selftest.throw: index 7 of 3"),
          error("number", "threw something that is no exception"),
          error("no_memory", "out of host memory"),
          error("long_text", "xxxx.*cut off"),
          error("binary_text", "and no more"),
          error("no_text", "without a word"),
          thrown("unsupported", Outcome::unsupported, "selftest: not on this device",
                 Verdict::incomplete, moment),
          crash("in_a_thread"),
          crash("in_a_destructor"),
          crash("while_thrown"),
          crash("noexcept")};
}

std::vector<Way> ways() {
  std::vector<Way> all = at("preparing");
  for (Way& way : at("later")) all.push_back(std::move(way));
  return all;
}

[[maybe_unused]] const bool registered = register_ways("throws", ways());

TEST(Selftest, TellsWhatWasThrown) { expect_ways("throws"); }

}  // namespace
}  // namespace rackproof::testing
