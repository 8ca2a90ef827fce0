// SPDX-License-Identifier: Apache-2.0
#include "profiles/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rackproof {
namespace {

std::string refusal(const std::string& text) {
  const auto document = read_yaml(text, "p.yaml");
  return document ? "accepted" : document.error().front().text();
}

TEST(YamlReader, KeepsScalarsAsTextsWhetherQuotedOrNot) {
  const auto document = read_yaml("a: 010\nb: '010'\nc: [yes, \"8\"]\nd:\n", "p.yaml");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->json, Json::parse(R"({"a":"010","b":"010","c":["yes","8"],"d":null})"));
}

TEST(YamlReader, KnowsWhereKeysAndValuesStand) {
  const auto document = read_yaml("a:\n  - x/y: 1\n    b: {c: two}\n", "p.yaml");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->at_key("/a/0/x~1y", "m").text(), "p.yaml:2:5: m");
  EXPECT_EQ(document->at_value("/a/0/x~1y", "m").text(), "p.yaml:2:10: m");
  EXPECT_EQ(document->at_value("/a/0/b/c", "m").text(), "p.yaml:3:12: m");
}

TEST(YamlReader, RefusesWhatYamlAllowsAndProfilesDoNot) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"a: 1\na: 2\n", "p.yaml:2:1: key 'a' stands here a second time; the first is on line 1"},
      {"m: {x: 1, \"x\": 2}\n",
       "p.yaml:1:11: key 'x' stands here a second time; the first is on line 1"},
      {"a: &x 1\n",
       "p.yaml:1:4: anchors and aliases are not supported; write the value out, or use 'extends'"},
      {"a: !!binary aGk=\n", "p.yaml:1:4: tag 'tag:yaml.org,2002:binary' is not supported"},
      {"a: 1\n---\nb: 2\n", "p.yaml:2:1: a second document: one YAML document is wanted"},
      {"a:\n\tb: 1\n", "p.yaml:2:1: a tab; YAML wants spaces"},
      {std::string("a: \0\n", 5), "p.yaml:1:4: not text: byte 0x00"},
      {"a: \xff\n", "p.yaml:1: not text: invalid UTF-8"},
      {"a: \"\\e[2J\"\n", "p.yaml:1:4: a control character inside a text"},
      {"[a]: 1\n", "p.yaml:1:1: a key must be a word"},
      {"~: 1\n", "p.yaml:1:1: a key without a name"},
  };
  for (const auto& [text, message] : table) EXPECT_EQ(refusal(text), message) << text;
}

TEST(YamlReader, RefusesWhatIsNoMap) {
  const std::string message =
      "p.yaml:1:1: not a profile: expected keys at the top, beginning with "
      "'schema: rackproof/profile/1'";
  for (const char* text : {"", "# only a comment\n", "- a\n", "word\n", "---\n"}) {
    EXPECT_EQ(refusal(text), message) << text;
  }
}

TEST(YamlReader, SaysWhereTheSyntaxIsBroken) {
  EXPECT_EQ(refusal("a: [1, 2\nb: 3\n"),
            "p.yaml:2:2: not valid YAML: end of sequence flow not found");
  EXPECT_EQ(refusal("a: 1\n b: 2\n"), "p.yaml:2:3: not valid YAML: illegal map value");
  EXPECT_EQ(refusal("a: 'open\n"), "p.yaml:3:1: not valid YAML: a quote is never closed");
}

TEST(YamlReader, RefusesAliasBombsBeforeTheyGrow) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [*" + static_cast<char>(c - 1) + "]\n";
  }
  EXPECT_THAT(refusal(bomb), testing::StartsWith("p.yaml:1:4: anchors and aliases"));
}

TEST(YamlReader, RefusesDepthAndSize) {
  EXPECT_THAT(refusal("a: " + std::string(2000, '[') + std::string(2000, ']')),
              testing::HasSubstr("nested too deeply"));
  std::string maps = "a: ";
  for (int i = 0; i < 2000; ++i) maps += "{a: ";
  EXPECT_THAT(refusal(maps + std::string(2000, '}')), testing::HasSubstr("nested too deeply"));
  EXPECT_EQ(refusal(std::string(10 << 20, '#')),
            "p.yaml: larger than 1048576 bytes: not a profile");
  EXPECT_EQ(refusal("a: " + std::string(1001, 'x')),
            "p.yaml:1:4: a text of 1001 bytes; at most 1000");
}

TEST(YamlReader, ReportsEveryDuplicate) {
  const auto document = read_yaml("a: 1\na: {b: 1, b: 2}\n", "p.yaml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().size(), 2u);
}

}  // namespace
}  // namespace rackproof
