// SPDX-License-Identifier: Apache-2.0
// Memory that is not there is the worker's error; memory that is not its own is a crash.
#include <gtest/gtest.h>

#include "runner/selftest_way_for_test.h"

namespace rackproof::testing {
namespace {

Way misuse(const char* way, const std::string& words, const char* moment) {
  return {
      .stressor = "selftest.memory", .params = {{"way", way}, {"moment", moment}}, .words = words};
}

Way lack(const char* way, const char* moment) {
  Way lacking = misuse(way, "out of host memory", moment);
  if (is_sanitized()) return misuse(way, "exit code|SIGABRT|SIGSEGV", moment);
  lacking.outcome = Outcome::device_error;
  lacking.verdict = Verdict::error;
  return lacking;
}

std::vector<Way> ways() {
  std::vector<Way> all;
  for (const char* moment : {"preparing", "later"}) {
    all.push_back(lack("limit", moment));
    all.push_back(lack("huge", moment));
    all.push_back(misuse("double_free", by_signal("ABRT"), moment));
    all.push_back(misuse("truncated", by_signal("BUS"), moment));
    for (const char* way : {"stack", "null", "read_only", "unmapped", "not_code"}) {
      all.push_back(misuse(way, by_signal("SEGV"), moment));
    }
  }
  return all;
}

[[maybe_unused]] const bool registered = register_ways("memory", ways());

TEST(Selftest, TellsMemoryThatIsOutFromMemoryMisused) { expect_ways("memory"); }

}  // namespace
}  // namespace rackproof::testing
