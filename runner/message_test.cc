// SPDX-License-Identifier: Apache-2.0
#include "runner/message.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

TEST(LineBuffer, JoinsAndCutsAtNewlines) {
  LineBuffer lines;
  lines.append("on");
  EXPECT_FALSE(lines.next().has_value());
  lines.append("e\ntwo\nthr");
  EXPECT_EQ(lines.next(), "one");
  EXPECT_EQ(lines.next(), "two");
  EXPECT_FALSE(lines.next().has_value());
  EXPECT_FALSE(lines.empty());
}

TEST(LineBuffer, NoticesALineWithoutEnd) {
  LineBuffer lines;
  lines.append(std::string(kMaxLineBytes, 'x'));
  EXPECT_FALSE(lines.oversized());
  lines.append("x");
  EXPECT_TRUE(lines.oversized());
}

TEST(Message, SurvivesTheWireAndBadBytes) {
  const auto message = decode(encode({{"t", "error"}, {"text", "caf\xe9"}}));
  ASSERT_TRUE(message.has_value()) << message.error().text();
  EXPECT_EQ((*message)["text"], "caf\xef\xbf\xbd");
}

TEST(Message, RefusesWhatIsNone) {
  for (const char* line :
       {"", "junk", "[]", "{}", "{\"t\":1}", "{\"t\":\"a\"} x", "{\"t\":\"a\",\"t\":\"b\"}"}) {
    EXPECT_FALSE(decode(line).has_value()) << line;
  }
}

TEST(PlainAscii, IsOneLineOfAscii) { EXPECT_EQ(plain_ascii("a\nb\x01\xff\n\n"), "a | b??"); }

TEST(Shortened, SaysThatItCutSomethingOff) {
  EXPECT_EQ(shortened("as it was"), "as it was");
  EXPECT_EQ(shortened(std::string(4096, 'x')).size(), 4096u);
  const std::string cut = shortened(std::string(5000, 'x'));
  EXPECT_TRUE(cut.ends_with("xx ... (cut off)"));
}

}  // namespace
}  // namespace rackproof
