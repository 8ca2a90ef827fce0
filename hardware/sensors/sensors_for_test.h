// SPDX-License-Identifier: Apache-2.0
// For tests: one source by its name, and what is expected of its readings.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/folder_for_test.h"
#include "hardware/sensor.h"

namespace rackproof {

inline std::unique_ptr<SensorSource> source(const std::string& name,
                                            const std::filesystem::path& root) {
  for (auto& one : open_sensors(root)) {
    if (one->name() == name) return std::move(one);
  }
  return nullptr;
}

inline std::optional<Reading> find(const std::vector<Reading>& readings,
                                   const std::string& sensor) {
  for (const Reading& reading : readings) {
    if (reading.sensor == sensor) return reading;
  }
  return {};
}

inline void expect_value(const std::vector<Reading>& readings, const std::string& sensor, Unit unit,
                         double value) {
  const auto reading = find(readings, sensor);
  ASSERT_TRUE(reading) << sensor;
  EXPECT_EQ(reading->state, Reading::State::value) << sensor << ": " << reading->detail;
  EXPECT_EQ(reading->unit, unit) << sensor;
  EXPECT_DOUBLE_EQ(reading->value, value) << sensor;
}

inline void expect_no_value(const std::vector<Reading>& readings, const std::string& sensor,
                            Reading::State state, const std::string& detail) {
  const auto reading = find(readings, sensor);
  ASSERT_TRUE(reading) << sensor;
  EXPECT_EQ(reading->state, state) << sensor;
  EXPECT_EQ(reading->value, 0) << sensor;
  EXPECT_THAT(reading->detail, testing::HasSubstr(detail)) << sensor;
}

inline void expect_counter(const std::vector<Reading>& readings, const std::string& sensor,
                           double value) {
  expect_value(readings, sensor, Unit::count, value);
  EXPECT_TRUE(find(readings, sensor).value_or(Reading{}).counter) << sensor;
}

}  // namespace rackproof
