// SPDX-License-Identifier: Apache-2.0
#include "app/progress_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rackproof {
namespace {

using State = DeviceView::State;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

RunView run_of(std::size_t devices) {
  RunView view{.profile = "generic-host",
               .stage = "quick",
               .step = "compute.gemm dtype=int8",
               .index = 6,
               .count = 22,
               .elapsed_s = 72,
               .left_s = 301,
               .step_elapsed_s = 12,
               .step_duration_s = 30};
  for (std::size_t i = 0; i < devices; ++i) {
    view.devices.push_back({.id = "gpu:" + std::to_string(i),
                            .state = State::running,
                            .word = "running",
                            .rate = "642.2 GOP/s",
                            .temperature_celsius = 54,
                            .power_w = 105});
  }
  return view;
}

Screen screen_of(std::size_t columns, std::size_t rows) {
  return {.columns = columns, .rows = rows, .look = {.color = false, .utf8 = true}};
}

TEST(Layout, SaysWhereTheRunStands) {
  const auto lines = lay_out(run_of(1), screen_of(100, 24));
  EXPECT_EQ(lines.at(0), "generic-host  quick  step 6/22  1:12  about 5:01 left");
  EXPECT_THAT(lines.at(1), AllOf(HasSubstr("0:12 of 0:30"), HasSubstr("compute.gemm dtype=int8")));
  EXPECT_EQ(lines.at(2), "gpu:0  642.2 GOP/s  0 miscompares  54 °C  105 W  running");
}

TEST(Layout, FitsEveryScreen) {
  for (const std::size_t columns : {1, 2, 5, 20, 40, 80, 200}) {
    for (const std::size_t rows : {1, 2, 3, 5, 10, 24, 60}) {
      const auto lines = lay_out(run_of(72), screen_of(columns, rows));
      EXPECT_LE(lines.size(), std::max<std::size_t>(1, rows - 1)) << columns << "x" << rows;
      for (const std::string& line : lines) {
        EXPECT_LE(columns_of(line), std::max<std::size_t>(1, columns - 1)) << line;
      }
    }
  }
}

TEST(Layout, ShowsTheWorstAndCountsTheRest) {
  RunView view = run_of(30);
  view.devices[28].miscompares = 3;
  view.devices[29].state = State::ended_badly;
  view.devices[29].word = "hung";
  const auto lines = lay_out(view, screen_of(80, 12));
  EXPECT_THAT(lines.at(2), AllOf(HasSubstr("gpu:28"), HasSubstr("3 miscompares")));
  EXPECT_THAT(lines.at(3), AllOf(HasSubstr("gpu:29"), HasSubstr("hung")));
  EXPECT_EQ(lines.back(), "and 24 more");
  EXPECT_EQ(lines.size(), 9U);
}

TEST(Layout, ANarrowScreenKeepsTheStateAndTellsWrongResults) {
  RunView view = run_of(1);
  view.devices[0].miscompares = 7;
  const auto lines = lay_out(view, screen_of(20, 10));
  EXPECT_THAT(lines.at(2), AllOf(HasSubstr("!7"), HasSubstr("gpu:0"), HasSubstr("running")));
  EXPECT_THAT(lines.at(0), AllOf(HasSubstr("6/22"), HasSubstr("1:12"), Not(HasSubstr("generic"))));
}

TEST(Layout, AsciiAloneWithoutUtf8) {
  Screen screen = screen_of(60, 10);
  screen.look.utf8 = false;
  for (const std::string& line : lay_out(run_of(2), screen)) {
    for (const char c : line) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << line;
  }
}

TEST(Layout, AnUnknownRemainderIsNotInvented) {
  RunView view = run_of(0);
  view.at_least = true;
  EXPECT_THAT(lay_out(view, screen_of(80, 24)).at(0), HasSubstr("at least 5:01 left"));
  view.left_s.reset();
  EXPECT_THAT(lay_out(view, screen_of(80, 24)).at(0), Not(HasSubstr("left")));
}

TEST(Layout, ClocksAreReadable) {
  EXPECT_EQ(clock_text(7.9), "0:07");
  EXPECT_EQ(clock_text(754), "12:34");
  EXPECT_EQ(clock_text(3723), "1:02:03");
  EXPECT_EQ(clock_text(-1), "0:00");
}

}  // namespace
}  // namespace rackproof
