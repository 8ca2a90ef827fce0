// SPDX-License-Identifier: Apache-2.0
#include "hardware/version_number.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rackproof {
namespace {

TEST(VersionNumber, ComparesNumberByNumber) {
  EXPECT_LT(*parse_version("580.9"), *parse_version("580.65.06"));
  EXPECT_LT(*parse_version("9.99"), *parse_version("13"));
  EXPECT_EQ(*parse_version("13.0"), *parse_version("13"));
  EXPECT_EQ(*parse_version("580.65.06"), *parse_version("580.65.6"));
}

TEST(VersionNumber, RefusesWhatIsNone) {
  for (const char* text :
       {"", ".", "13.", ".1", "13..0", "13.0a", "-1", " 13", "1234567890", "1.1.1.1.1.1.1.1.1"}) {
    const auto version = parse_version(text);
    ASSERT_FALSE(version) << text;
    EXPECT_THAT(version.error().message, testing::HasSubstr("is no version such as '580.65.06'"));
  }
}

}  // namespace
}  // namespace rackproof
