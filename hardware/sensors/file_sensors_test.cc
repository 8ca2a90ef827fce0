// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/file_sensors.h"

#include <sys/stat.h>

#include <chrono>

#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;

int& listings() {
  static int count = 0;
  return count;
}

Listing every_file(const std::filesystem::path& folder) {
  ++listings();
  Listing listing;
  for (const std::string& name : listing.names_in(folder, "demo")) {
    listing.add({.sensor = "demo." + sensor_word(name), .path = folder / name, .counter = true});
  }
  return listing;
}

constexpr FileFamily kDemo{"demo", "demo", "no file", every_file};

TEST(FileSensors, ListsAgainWhenItIsDue) {
  const TestFolder tree;
  tree.file("demo/a", "1\n");
  FileSensorSource eager(kDemo, tree.path(), std::chrono::seconds(0));
  EXPECT_EQ(eager.read().size(), 1u);
  tree.file("demo/b", "2\n");
  expect_counter(eager.read(), "demo.b", 2);
}

TEST(FileSensors, DoesNotListAgainBefore) {
  const TestFolder tree;
  tree.file("demo/a", "1\n");
  FileSensorSource lazy(kDemo, tree.path(), std::chrono::hours(1));
  const int before = listings();
  for (int round = 0; round < 5; ++round) expect_counter(lazy.read(), "demo.a", 1);
  EXPECT_EQ(listings(), before + 1);
}

TEST(FileSensors, ListsAgainAtOnceWhenOneThatAnsweredIsGone) {
  const TestFolder tree;
  tree.file("demo/a", "1\n");
  tree.file("demo/b", "2\n");
  FileSensorSource lazy(kDemo, tree.path(), std::chrono::hours(1));
  (void)lazy.read();
  tree.remove("demo/b");
  tree.file("demo/c", "3\n");
  const auto readings = lazy.read();
  EXPECT_EQ(readings.size(), 2u);
  expect_counter(readings, "demo.c", 3);
}

TEST(FileSensors, AFolderThatCannotBeListedIsAnError) {
  const TestFolder tree;
  tree.link("demo", "demo");
  FileSensorSource source(kDemo, tree.path());
  expect_no_value(source.read(), "demo", State::error, "Too many levels of symbolic links");
}

TEST(FileSensors, AFolderInThePlaceOfAFileIsAnError) {
  const TestFolder tree;
  tree.file("demo/a/b", "1\n");
  expect_no_value(FileSensorSource(kDemo, tree.path()).read(), "demo.a", State::error,
                  "Is a directory");
}

TEST(FileSensors, APipeWithoutAWriterDoesNotBlock) {
  const TestFolder tree;
  tree.file("demo/a", "1\n");
  ASSERT_EQ(::mkfifo((tree.path() / "demo/pipe").c_str(), 0600), 0);
  const auto readings = FileSensorSource(kDemo, tree.path()).read();
  expect_counter(readings, "demo.a", 1);
  expect_no_value(readings, "demo.pipe", State::error, "'' is not a whole number");
}

TEST(FileSensors, AnEndlessFileIsAnError) {
  const TestFolder tree;
  tree.link("demo/zero", "/dev/zero");
  expect_no_value(FileSensorSource(kDemo, tree.path()).read(), "demo.zero", State::error,
                  "longer than 65536 bytes");
}

Listing ten_thousand(const std::filesystem::path& folder) {
  Listing listing;
  for (int i = 0; i < 10000; ++i) {
    listing.add({.sensor = "demo." + std::to_string(i), .path = folder / "a"});
  }
  return listing;
}

TEST(FileSensors, TooManySensorsAreSaidAndNotDropped) {
  const TestFolder tree;
  tree.file("demo/a", "1\n");
  constexpr FileFamily kMany{"demo", "demo", "no file", ten_thousand};
  const auto readings = FileSensorSource(kMany, tree.path()).read();
  EXPECT_EQ(readings.size(), FileSensorSource::kMostSensors + 1);
  expect_no_value(readings, "demo", State::error, "10000 sensors: only the first 8192 are read");
}

TEST(FileSensors, ACounterThatFallsIsStillAValue) {
  const TestFolder tree;
  tree.file("demo/a", "7\n");
  FileSensorSource source(kDemo, tree.path());
  expect_counter(source.read(), "demo.a", 7);
  tree.file("demo/a", "2\n");
  expect_counter(source.read(), "demo.a", 2);
}

TEST(SensorWord, KeepsWhatIsPlainAndWritesOtherBytesInHex) {
  EXPECT_EQ(sensor_word("eth0.100:1"), "eth0.100:1");
  EXPECT_EQ(sensor_word("a b*\n\xff"), "a%20b%2a%0a%ff");
  EXPECT_EQ(sensor_word("%ff"), "%25ff");
}

TEST(ParseInteger, TakesHexOnlyWhenAsked) {
  EXPECT_EQ(parse_integer(" 12 \n"), 12);
  EXPECT_EQ(parse_integer("0x1f\n", 16), 31);
  EXPECT_FALSE(parse_integer("0x1f"));
  EXPECT_FALSE(parse_integer("", 16));
}

}  // namespace
}  // namespace rackproof
