// SPDX-License-Identifier: Apache-2.0
#include "runner/telemetry_rows.h"

#include <gmock/gmock.h>

namespace rackproof {
namespace {

Reading value(const std::string& sensor, Unit unit, double number, bool counter = false) {
  return {sensor, unit, Reading::State::value, number, "", counter};
}

TEST(TelemetryRows, QuoteOnlyWhatMustBe) {
  EXPECT_EQ(csv_field("hwmon0.temp1 [celsius]"), "hwmon0.temp1 [celsius]");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("the \"hot\" one"), "\"the \"\"hot\"\" one\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
}

TEST(TelemetryRows, ShowSixDigitsOfAValueAndAllOfACounter) {
  EXPECT_EQ(csv_value(value("t", Unit::celsius, 41.123456)), "41.1235");
  EXPECT_EQ(csv_value(value("t", Unit::celsius, 40)), "40");
  EXPECT_EQ(csv_value(value("c", Unit::count, 12345678901, true)), "12345678901");
  EXPECT_EQ(csv_value(value("e", Unit::joule, 123456789.25, true)), "123456789.25");
  EXPECT_EQ(csv_value({"t", Unit::celsius, Reading::State::error, 0, "I/O error"}), "error");
  EXPECT_EQ(csv_value({"t", Unit::celsius, Reading::State::unsupported}), "");
}

TEST(TelemetryRows, HaveAColumnASensorAndUnit) {
  TelemetryColumns columns;
  EXPECT_TRUE(columns.take({value("t", Unit::celsius, 1), value("t", Unit::watt, 2)}));
  EXPECT_FALSE(columns.take({value("t", Unit::watt, 3)}));
  EXPECT_EQ(columns.head(), "at_s,t [celsius],t [watt]");
  EXPECT_EQ(columns.row({value("t", Unit::watt, 3)}, 12.3456), "12.346,,3");
  EXPECT_TRUE(columns.take({value("u", Unit::count, 3)}));
  EXPECT_EQ(columns.row({}, 1), "1.000,,,");
}

TEST(TelemetryRows, StopAtABoundOfColumns) {
  TelemetryColumns columns;
  std::vector<Reading> many;
  for (std::size_t i = 0; i <= TelemetryColumns::kMost; ++i)
    many.push_back(value("s" + std::to_string(i), Unit::count, 1));
  EXPECT_TRUE(columns.take(many));
  EXPECT_TRUE(columns.full());
  EXPECT_FALSE(columns.take(many));
}

}  // namespace
}  // namespace rackproof
