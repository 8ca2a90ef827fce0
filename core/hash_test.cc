// SPDX-License-Identifier: Apache-2.0
#include "core/hash.h"

#include <gtest/gtest.h>

#include "core/folder_for_test.h"

namespace rackproof {
namespace {

TEST(Sha256, MatchesThePublishedVector) {  // FIPS 180-4, example "abc"
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(hex(sha256("abc")), abc);
  EXPECT_EQ(hex(sha256({"a", "", "bc"})), abc);
  const TestFolder folder;
  EXPECT_EQ(hex(sha256_file(folder.file("file", "abc")).value()), abc);
}

TEST(Sha256, TextIsReadBackAndStrict) {
  const Sha256 digest = sha256("x");
  EXPECT_EQ(parse_sha256(hex(digest)).value(), digest);
  EXPECT_FALSE(parse_sha256(hex(digest).substr(1)));
  std::string upper = hex(digest);
  upper[0] = 'A';
  EXPECT_FALSE(parse_sha256(upper));
}

TEST(Sha256File, SaysWhatItCannotRead) {
  EXPECT_EQ(sha256_file("/nonexistent").error().text(),
            "/nonexistent: cannot read: No such file or directory");
}

TEST(Derive, DependsOnEveryPartAndKeepsThemApart) {
  const Seed seed = sha256("seed");
  const std::uint64_t base = derive(seed, "cpu:0", "quick/01", 1);
  EXPECT_EQ(base, derive(seed, "cpu:0", "quick/01", 1));
  EXPECT_NE(base, derive(sha256("other"), "cpu:0", "quick/01", 1));
  EXPECT_NE(base, derive(seed, "cpu:1", "quick/01", 1));
  EXPECT_NE(base, derive(seed, "cpu:0q", "uick/01", 1));
  EXPECT_NE(base, derive(seed, "cpu:0", "quick/01", 2));
}

TEST(RandomSeed, IsFreshEachTime) { EXPECT_NE(random_seed(), random_seed()); }

}  // namespace
}  // namespace rackproof
