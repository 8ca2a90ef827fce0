// SPDX-License-Identifier: Apache-2.0
#include "runner/sensor_readers.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace rackproof {
namespace {

// Answers once `gate` is open.
class Gated : public SensorSource {
 public:
  Gated(std::string name, const std::atomic<bool>& gate) : name_(std::move(name)), gate_(gate) {}
  std::string name() const override { return name_; }
  std::vector<Reading> read() override {
    while (!gate_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (name_ == "throws") throw std::runtime_error("its driver is gone");
    return {{name_, Unit::celsius, Reading::State::value, 40}};
  }

 private:
  std::string name_;
  const std::atomic<bool>& gate_;
};

std::atomic<bool> open_gate = true, late_gate = false;

// It lives as long as its threads.
SensorReaders& reading(const std::vector<std::pair<std::string, const std::atomic<bool>*>>& all) {
  std::vector<std::unique_ptr<SensorSource>> sources;
  for (const auto& [name, gate] : all) sources.push_back(std::make_unique<Gated>(name, *gate));
  return *new SensorReaders(std::move(sources));  // NOLINT: on purpose never ended
}

std::vector<std::string> names(const std::vector<Reading>& readings) {
  std::vector<std::string> all;
  for (const Reading& each : readings) all.push_back(each.sensor);
  return all;
}

TEST(SensorReaders, LetALateSourceAnswerInTheNextTick) {
  using ::testing::UnorderedElementsAre;
  SensorReaders& readers = reading({{"prompt", &open_gate}, {"late", &late_gate}});
  const auto patience = std::chrono::milliseconds(30);
  EXPECT_THAT(names(readers.tick(patience)), UnorderedElementsAre("prompt"));
  EXPECT_THAT(names(readers.tick(patience)), UnorderedElementsAre("prompt"));
  late_gate = true;
  EXPECT_THAT(names(readers.tick(std::chrono::seconds(2))), UnorderedElementsAre("prompt", "late"));
}

// Finds one source at its first read.
class Finder : public SensorSource {
 public:
  explicit Finder(const std::atomic<bool>& gate) : child_(std::make_unique<Gated>("card", gate)) {}
  std::string name() const override { return "bus"; }
  std::vector<Reading> read() override { return {{"bus", Unit::count, Reading::State::value, 1}}; }
  std::vector<std::unique_ptr<SensorSource>> found() override {
    std::vector<std::unique_ptr<SensorSource>> all;
    if (child_) all.push_back(std::move(child_));
    return all;
  }

 private:
  std::unique_ptr<SensorSource> child_;
};

TEST(SensorReaders, ReadWhatASourceHasFoundInAThreadOfItsOwn) {
  using ::testing::UnorderedElementsAre;
  static std::atomic<bool> card_gate = false;
  std::vector<std::unique_ptr<SensorSource>> sources;
  sources.push_back(std::make_unique<Finder>(card_gate));
  auto& readers = *new SensorReaders(std::move(sources));  // NOLINT: on purpose never ended
  const auto patience = std::chrono::milliseconds(30);
  EXPECT_THAT(names(readers.tick(patience)), UnorderedElementsAre("bus"));
  EXPECT_THAT(names(readers.tick(patience)), UnorderedElementsAre("bus"));  // the card is silent
  card_gate = true;
  EXPECT_THAT(names(readers.tick(std::chrono::seconds(2))), UnorderedElementsAre("bus", "card"));
}

TEST(SensorReaders, TakeWhatASourceThrowsForAnError) {
  SensorReaders& readers = reading({{"throws", &open_gate}});
  const auto readings = readers.tick(std::chrono::seconds(2));
  ASSERT_EQ(readings.size(), 1u);
  EXPECT_EQ(readings[0].state, Reading::State::error);
  EXPECT_EQ(readings[0].detail, "its driver is gone");
}

}  // namespace
}  // namespace rackproof
