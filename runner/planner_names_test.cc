// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_names.h"

#include <gtest/gtest.h>

namespace rackproof {
namespace {

using Names = std::vector<std::string>;

TEST(MissingNames, AreTheGapsInTheNumbers) {
  EXPECT_EQ(missing_names({"d0", "d2", "d3"}, 4, {}), "d1");
  EXPECT_EQ(missing_names({"d0", "d1"}, 4, {}), "d2, d3");
}

TEST(MissingNames, StartAtOneWhenTheLastNumberIsThere) {
  EXPECT_EQ(missing_names({"node1", "node2", "node4"}, 4, {}), "node3");
}

TEST(MissingNames, NameBothEndsWhenTheFirstNumberIsUnknown) {
  EXPECT_EQ(missing_names({"d1", "d2", "d3"}, 4, {}), "d0 or d4");
  EXPECT_EQ(missing_names({"d1", "d2", "d3"}, 4, {"e0"}), "d0");
}

TEST(MissingNames, KeepLeadingZeros) { EXPECT_EQ(missing_names({"r00", "r01"}, 3, {}), "r02"); }

TEST(MissingNames, AreUnknownForNamesWithoutNumbers) {
  EXPECT_EQ(missing_names({"red", "green"}, 3, {}), "");
  EXPECT_EQ(missing_names({"a0", "b1"}, 3, {}), "");
  EXPECT_EQ(missing_names({}, 3, {}), "");
  EXPECT_EQ(missing_names({"d99999999999999999999"}, 3, {}), "");
}

TEST(MissingNames, AreAtMost64) {
  const std::string named = missing_names({"d0"}, UINT64_MAX, {});
  EXPECT_TRUE(named.ends_with("d63, d64")) << named;
}

TEST(ExtraNames, AreThoseBeyondTheCount) {
  EXPECT_EQ(extra_names({"d0", "d1", "d2"}, 2, {}), "d2");
  EXPECT_EQ(extra_names({"red", "green"}, 1, {}), "red, green");
}

}  // namespace
}  // namespace rackproof
