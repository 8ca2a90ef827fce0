// SPDX-License-Identifier: Apache-2.0
#include "runner/telemetry_message.h"

#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

using ::testing::HasSubstr;

TEST(TelemetryMessage, CarriesATickThereAndBack) {
  TickPart part{7, true, {{"edac.mc0.ue", Unit::count, Reading::State::value, 3, "A1", true}}};
  part.readings.push_back({"t", Unit::celsius, Reading::State::error, 0, "I/O error"});
  const auto again = tick_from_json(to_json(part));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->tick, 7u);
  EXPECT_TRUE(again->more);
  ASSERT_EQ(again->readings.size(), 2u);
  EXPECT_TRUE(again->readings[0].counter);
  EXPECT_EQ(again->readings[0].value, 3);
  EXPECT_EQ(again->readings[1].state, Reading::State::error);
}

TEST(TelemetryMessage, CarriesNewsOfTheKernelLogThereAndBack) {
  KernelNews news;
  news.records = {{9, 1.5, 3, 1, "a line", "+pci:0000:1b:00.0"}};
  news.lost = 2;
  news.last = 9;
  news.unproven = "why";
  news.offset_s = -0.25;
  const auto again = kernel_news_from_json(to_json(news));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->records.at(0).text, "a line");
  EXPECT_EQ(again->records.at(0).facility, 1);
  EXPECT_EQ(again->last, 9u);
  EXPECT_EQ(again->lost, 2u);
  EXPECT_EQ(again->offset_s, -0.25);
  news.last.reset();
  EXPECT_FALSE(kernel_news_from_json(to_json(news))->last);
}

TEST(TelemetryMessage, TakesNoNumberForAnError) {
  const Reading nan{"t", Unit::celsius, Reading::State::value, std::nan("")};
  EXPECT_EQ(reading_from_json(to_json(nan))->state, Reading::State::error);
}

TEST(TelemetryMessage, BoundsNamesAndLines) {
  Reading reading{std::string(201, 'x'), Unit::count, Reading::State::value, 1};
  EXPECT_THAT(reading_from_json(to_json(reading)).error().text(), HasSubstr("a sensor's name"));
  reading.sensor = "two\nlines";
  EXPECT_FALSE(reading_from_json(to_json(reading)));
  reading.sensor = "t";
  reading.detail = std::string(100000, 'x');
  EXPECT_LT(reading_from_json(to_json(reading))->detail.size(), 500u);
  KernelNews news;
  news.records = {{1, 0, 6, 0, std::string(100000, 'x') + "\n6,1,1,-;forged", ""}};
  const auto again = kernel_news_from_json(to_json(news));
  EXPECT_LE(again->records[0].text.size(), kLongestKernelLine + 3);
  EXPECT_EQ(again->records[0].text.find('\n'), std::string::npos);
}

TEST(TelemetryMessage, RefusesWhatIsNone) {
  for (
      const char* text :
      {R"({"t":"readings"})", R"({"t":"readings","tick":1,"more":false,"list":[{}]})",
       R"({"t":"readings","tick":1,"more":false,"list":[{"sensor":"t","unit":"furlong","state":"value","value":1,"detail":""}]})",
       R"({"t":"readings","tick":1,"more":false,"list":[{"sensor":"t","unit":"count","state":"good","value":1,"detail":""}]})"}) {
    EXPECT_FALSE(tick_from_json(parse_json(text).value())) << text;
  }
  EXPECT_FALSE(kernel_news_from_json(parse_json(R"({"t":"kernel"})").value()));
}

}  // namespace
}  // namespace rackproof
