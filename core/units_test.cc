// SPDX-License-Identifier: Apache-2.0
#include "core/units.h"

#include <gtest/gtest.h>

namespace rackproof {
namespace {

struct Good {
  const char* text;
  double value;
  Unit unit;
};

class ParsesQuantity : public testing::TestWithParam<Good> {};

TEST_P(ParsesQuantity, IntoBaseUnits) {
  const auto quantity = parse_quantity(GetParam().text);
  ASSERT_TRUE(quantity) << quantity.error().text();
  EXPECT_DOUBLE_EQ(quantity->value, GetParam().value);
  EXPECT_EQ(quantity->unit, GetParam().unit);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ParsesQuantity,
    testing::Values(Good{"52 GB/s", 52e9, Unit::bytes_per_second},
                    Good{"400 Gb/s", 400e9, Unit::bits_per_second},
                    Good{"989 TFLOP/s", 989e12, Unit::flops},
                    Good{"1979 TOP/s", 1979e12, Unit::ops}, Good{"5 %", 0.05, Unit::ratio},
                    Good{"700W", 700, Unit::watt}, Good{"24 h", 86400, Unit::second},
                    Good{"1 GB", 1e9, Unit::byte}, Good{"1 GiB", 1073741824.0, Unit::byte},
                    Good{"-5 degC", -5, Unit::celsius}, Good{" 12 ", 12, Unit::count},
                    Good{"1.5e3 MHz", 1.5e9, Unit::hertz}));

TEST(Quantity, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "GB/s", "NaN GB/s", "inf", "0x10 B", "1,5 s", "--3 W"}) {
    EXPECT_FALSE(parse_quantity(text)) << text;
  }
}

TEST(Quantity, NamesTheNearestUnit) {
  EXPECT_EQ(parse_quantity("52 Gbs").error().message,
            "unknown unit 'Gbs' in '52 Gbs'; did you mean 'Gb/s'?");
}

TEST(Quantity, CaseDecidesBetweenMilliAndMega) {
  EXPECT_DOUBLE_EQ(parse_quantity("3 mW")->value, 3e-3);
  EXPECT_DOUBLE_EQ(parse_quantity("3 MW")->value, 3e6);
}

TEST(ParseAs, SaysWhichUnitIsWrongAndWhichIsRight) {
  EXPECT_EQ(parse_as("52 Gb/s", Unit::bytes_per_second).error().message,
            "'52 Gb/s' is in bits_per_second, expected bytes_per_second, for example '52 GB/s'");
  EXPECT_EQ(parse_as("52", Unit::bytes_per_second).error().message,
            "'52' lacks its unit: expected bytes_per_second, for example '52 GB/s'");
  EXPECT_EQ(parse_as("fast", Unit::bytes_per_second).error().message,
            "'fast' is not a number with a unit: expected bytes_per_second, for example '52 GB/s'");
  EXPECT_EQ(parse_as("many", Unit::count).error().message,
            "'many' is not a number: expected count, for example '12'");
  EXPECT_EQ(parse_as("30 m", Unit::second).error().message,
            "unknown unit 'm' in '30 m'; expected second, for example '60 s'");
}

TEST(Format, ChoosesTheReadableScale) {
  EXPECT_EQ(format(4.15e12, Unit::bytes_per_second), "4.15 TB/s");
  EXPECT_EQ(format(65536.0 * 1024, Unit::byte), "64 MiB");
  EXPECT_EQ(format(64e6, Unit::byte), "62500 KiB");
  EXPECT_EQ(format(1e9 + 1, Unit::byte), "1 GB");
  EXPECT_EQ(format(86400, Unit::second), "24 h");
  EXPECT_EQ(format(0.97, Unit::ratio), "97 %");
  EXPECT_EQ(format(0, Unit::flops), "0 FLOP/s");
  EXPECT_EQ(format(0.0123, Unit::watt), "12.3 mW");
}

TEST(Format, IsReadBackForEveryUnit) {
  for (int i = 0; i <= static_cast<int>(Unit::rpm); ++i) {
    const auto unit = static_cast<Unit>(i);
    const auto again = parse_as(format(1500, unit), unit);
    ASSERT_TRUE(again) << name(unit);
    EXPECT_NEAR(*again, 1500, 1e-6) << name(unit);
    EXPECT_EQ(unit_from_name(name(unit)).value(), unit);
  }
}

}  // namespace
}  // namespace rackproof
