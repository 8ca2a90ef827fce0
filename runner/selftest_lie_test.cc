// SPDX-License-Identifier: Apache-2.0
// No claim of a worker is believed that clock, arithmetic or the device's description contradict.
#include <gtest/gtest.h>

#include "runner/selftest_way_for_test.h"

namespace rackproof::testing {
namespace {

Way lie(const char* way, Outcome outcome, const char* words, Verdict verdict) {
  return {.stressor = "selftest.lie",
          .params = {{"way", way}},
          .outcome = outcome,
          .words = words,
          .verdict = verdict};
}

Way refused(const char* way, const char* words) {
  return lie(way, Outcome::garbage, words, Verdict::error);
}

Way judged(const char* way, const char* words, Verdict verdict) {
  return lie(way, Outcome::finished, words, verdict);
}

std::vector<Way> about_results() {
  return {judged("digest", "digest differs from the golden although", Verdict::fail),
          judged("no_digest", "carry no digest", Verdict::error),
          judged("unsampled", "miscompares.*none of them sampled", Verdict::fail),
          judged("core_miscompares", "miscompares", Verdict::fail),
          refused("uncounted", "more findings than miscompares"),
          refused("foreign_core", "core 1000000 of 2"),
          refused("foreign_finding", "core 1000000 of 2")};
}

std::vector<Way> about_work() {
  return {refused("no_iterations", "bytes in 0 iterations of copy 65536"),
          judged("nothing_done", "did no work", Verdict::error),
          refused("ten_fold", "bytes .* of copy 65536"),
          refused("many_iterations", "bytes .* of copy 65536"),
          refused("negative_bytes", "negative work"),
          refused("nan_bytes", "bytes is null"),
          refused("infinite_bytes", "bytes is null"),
          refused("most_bytes", "bytes is null|bytes .* of copy 65536"),
          refused("operations", "operations .* of copy 65536"),
          refused("negative_operations", "negative work"),
          refused("much_memory", "more memory tested than there is"),
          refused("infinite_memory", "memory_tested_bytes is null")};
}

// On a busy machine a start alone takes longer than the other ways' load.
Way early() {
  Way way = refused("early", "done after .* of a load of");
  way.load_s = 3;
  return way;
}

std::vector<Way> about_time() {
  return {refused("no_time", "work that took no time"), refused("backwards", "negative work"),
          judged("an_hour", "claims more time than passed", Verdict::invalid), early(),
          refused("idle", "done before its load began")};
}

std::vector<Way> about_figures() {
  return {judged("negative_figure", "NaN, infinite or negative", Verdict::invalid),
          judged("nan_figure", "NaN, infinite or negative", Verdict::invalid),
          judged("infinite_figure", "NaN, infinite or negative", Verdict::invalid),
          judged("absurd_figure", "above the physical ceiling", Verdict::invalid),
          judged("no_figure", "not|no ", Verdict::incomplete),
          lie("undeclared", Outcome::device_error, "records undeclared, which it does not declare",
              Verdict::error)};
}

std::vector<Way> about_drills() {
  std::vector<Way> ways{judged("blind", "blind detector", Verdict::incomplete),
                        judged("phantom_fault", "blind detector", Verdict::incomplete)};
  for (Way& way : ways) {
    way.drilled = true;
    way.silence_s = 2;
  }
  return ways;
}

[[maybe_unused]] const bool registered = register_ways("lies about results", about_results()) &&
                                         register_ways("lies about work", about_work()) &&
                                         register_ways("lies about time", about_time()) &&
                                         register_ways("lies about figures", about_figures()) &&
                                         register_ways("lies about drills", about_drills());

TEST(Selftest, SeesThroughLiesAboutResults) { expect_ways("lies about results"); }
TEST(Selftest, SeesThroughLiesAboutWork) { expect_ways("lies about work"); }
TEST(Selftest, SeesThroughLiesAboutTime) { expect_ways("lies about time"); }
TEST(Selftest, SeesThroughLiesAboutFigures) { expect_ways("lies about figures"); }
TEST(Selftest, SeesThroughLiesAboutDrills) { expect_ways("lies about drills"); }

}  // namespace
}  // namespace rackproof::testing
