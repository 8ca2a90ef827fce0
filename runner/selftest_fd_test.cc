// SPDX-License-Identifier: Apache-2.0
// A worker that loses its socket cannot be believed any more; one that floods its outputs does no
// harm to the supervisor.
#include <gtest/gtest.h>

#include "runner/selftest_way_for_test.h"

namespace rackproof::testing {
namespace {

std::vector<Way> at(const char* moment) {
  std::vector<Way> ways;
  for (const char* way : {"close_socket", "close_all", "shutdown", "replace"}) {
    ways.push_back({.stressor = "selftest.fd",
                    .params = {{"way", way}, {"moment", moment}},
                    .words = "exit code 75"});
  }
  for (const char* way :
       {"flood_errors", "binary_output", "binary_errors", "close_outputs", "exhaust"}) {
    ways.push_back({.stressor = "selftest.fd",
                    .params = {{"way", way}, {"moment", moment}},
                    .outcome = Outcome::finished,
                    .words = "",
                    .verdict = Verdict::pass});
  }
  return ways;
}

std::vector<Way> ways() {
  std::vector<Way> all = at("preparing");
  for (Way& way : at("later")) all.push_back(std::move(way));
  return all;
}

[[maybe_unused]] const bool registered = register_ways("descriptors", ways());

TEST(Selftest, OutlivesSpoiltDescriptors) { expect_ways("descriptors"); }

}  // namespace
}  // namespace rackproof::testing
