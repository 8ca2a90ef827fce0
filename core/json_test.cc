// SPDX-License-Identifier: Apache-2.0
#include "core/json.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/folder_for_test.h"

namespace rackproof {
namespace {

TEST(ParseJson, RefusesWhatALenientParserLetsThrough) {
  for (const char* text :
       {R"({"a":1,"a":2})", "{} {}", "[1,]", R"({"a":NaN})", "1e999", "", "{\"a\":\"\xff\"}"}) {
    EXPECT_FALSE(parse_json(text)) << text;
  }
}

TEST(ParseJson, SaysWhichKeyIsTwice) {
  EXPECT_EQ(parse_json(R"({"verdict":"FAIL","verdict":"PASS"})", "r.json").error().text(),
            "r.json: duplicate key 'verdict'");
}

TEST(ParseJson, AllowsEqualKeysInDifferentObjects) {
  EXPECT_TRUE(parse_json(R"([{"a":1},{"a":{"a":2}}])"));
}

TEST(ParseJson, RefusesDeepNesting) {
  EXPECT_TRUE(parse_json(std::string(60, '[') + std::string(60, ']')));
  EXPECT_FALSE(parse_json(std::string(100000, '[')));
}

TEST(ParseJson, PlacesTheMistake) {
  const Error error = parse_json("{\"a\": 1,\n \"b\": x}", "f.json").error();
  EXPECT_EQ(error.line, 2);
  EXPECT_EQ(error.text(), "f.json:2:7: not valid JSON");
}

TEST(WriteFile, ReplacesWholeAndLeavesNoPart) {
  const TestFolder folder;
  const std::string path = folder / "file";
  ASSERT_TRUE(write_file(path, "old"));
  ASSERT_TRUE(write_file(path, "new"));
  EXPECT_EQ(read_file(path).value(), "new");
  EXPECT_FALSE(std::filesystem::exists(path + ".partial"));
}

TEST(WriteFile, SaysWhyItCannot) {
  EXPECT_EQ(write_file("/nonexistent/x", "a").error().text(),
            "/nonexistent/x: cannot write: No such file or directory");
  EXPECT_EQ(write_file("/dev/full/x", "a").error().message, "cannot write: Not a directory");
}

TEST(ReadFile, HoldsItsLimit) {
  const TestFolder folder;
  const std::string path = folder.file("file", std::string(1000, 'x'));
  EXPECT_EQ(read_file(path, 999).error().message, "larger than 999 bytes");
  EXPECT_FALSE(read_file(folder.path()));
}

TEST(Hex64, IsReadBackAndStrict) {
  EXPECT_EQ(hex64(255), "00000000000000ff");
  EXPECT_EQ(parse_hex64("00000000000000ff").value(), 255U);
  for (const char* text : {"ff", "00000000000000fg", "0x000000000000ff", "-000000000000001"})
    EXPECT_FALSE(parse_hex64(text)) << text;
}

TEST(Nearest, FindsTheMisspeltWordAndNothingFar) {
  EXPECT_EQ(nearest("durration", {"name", "duration"}), "duration");
  EXPECT_EQ(nearest("zebra", {"name", "duration"}), "");
}

TEST(Nearest, PrefersTheOnlyWordThatBeginsSo) {
  EXPECT_EQ(nearest("fp4", {"fp32", "fp64", "fp4_e2m1"}), "fp4_e2m1");
  EXPECT_EQ(nearest("duration", {"durations", "duration_in_seconds"}), "durations");
  EXPECT_EQ(nearest("fp8", {"fp8_e4m3", "fp8_e5m2"}), "");
  EXPECT_EQ(nearest("", {"name"}), "");
}

}  // namespace
}  // namespace rackproof
