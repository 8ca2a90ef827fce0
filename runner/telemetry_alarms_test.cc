// SPDX-License-Identifier: Apache-2.0
#include "runner/telemetry_alarms.h"

#include <gmock/gmock.h>

namespace rackproof {
namespace {

using ::testing::HasSubstr;

// Counters ending in .ue are fatal, .ce a warning; lines are "CAUSE SEVERITY PART text".
CounterClass class_for_test(std::string_view sensor) {
  const std::string severity = sensor.ends_with(".ue")   ? "fatal"
                               : sensor.ends_with(".ce") ? "warning"
                                                         : "info";
  const std::string part = sensor.starts_with("pcie.") ? std::string(sensor.substr(5, 12)) : "mc0";
  return {"memory." + severity, severity, part, "Replace it."};
}

std::optional<KernelEvent> classify_for_test(const KernelRecord& record) {
  if (record.text.find(" ") == std::string::npos) return std::nullopt;
  const auto word = [&](int n) {
    std::size_t at = 0;
    for (; n > 0; --n) at = record.text.find(' ', at) + 1;
    return record.text.substr(at, record.text.find(' ', at) - at);
  };
  KernelEvent event{word(0), word(1), word(2), record.text, "Look."};
  if (!record.from_kernel()) event.severity = "warning";
  return event;
}

class AlarmsTest : public ::testing::Test {
 protected:
  static std::vector<DeviceInfo> devices() {
    DeviceInfo gpu;
    gpu.id = "gpu:0";
    gpu.bdf = "0000:1b:00.1";
    return {gpu};
  }
  static SensorWindows::Taken rise(const std::string& sensor, double by) {
    SensorWindow window;
    window.sensor = sensor;
    window.start_s = 5;
    window.length_s = 5;
    window.counter = true;
    window.rise = by;
    return {window, 7, "DIMM_A1"};
  }
  void log(const std::string& text, double at_s = 1, const std::string& step = "quick/01",
           int facility = 0) {
    alarms_.logged({.facility = facility, .text = text}, at_s, step);
  }
  std::vector<EventRecord> events_;
  Alarms alarms_{devices(), [this](const EventRecord& e) { events_.push_back(e); }, class_for_test,
                 classify_for_test};
};

TEST_F(AlarmsTest, MakeOneEventOfARiseWithAllThatIsKnown) {
  alarms_.rose(rise("edac.mc0.dimm3.ue", 2), "quick/01");
  ASSERT_EQ(events_.size(), 1u);
  const EventRecord& event = events_[0];
  EXPECT_EQ(event.kind, "counter");
  EXPECT_EQ(event.severity, "fatal");
  EXPECT_EQ(event.cause, "memory.fatal");
  EXPECT_EQ(event.part, "mc0");
  EXPECT_EQ(event.step, "quick/01");
  EXPECT_EQ(event.next_step, "Replace it.");
  EXPECT_EQ(event.count, 2u);
  EXPECT_EQ(event.at_s, 10);
  EXPECT_EQ(event.text, "edac.mc0.dimm3.ue rose by 2 to 7 (DIMM_A1)");
}

TEST_F(AlarmsTest, SaySoOfACounterThatBeganAnew) {
  SensorWindows::Taken taken = rise("edac.mc0.ce", 2);
  taken.window.resets = 1;
  alarms_.rose(taken, "");
  EXPECT_THAT(events_.at(0).text, HasSubstr("rose by 2 to 7, begun anew 1 times"));
}

TEST_F(AlarmsTest, AreSilentAboutWhatDidNotRiseOrMeansNothing) {
  alarms_.rose(rise("edac.mc0.ue", 0), "");
  alarms_.rose(rise("rapl.package0.energy", 500), "");
  SensorWindows::Taken no_counter = rise("edac.mc0.ue", 3);
  no_counter.window.counter = false;
  alarms_.rose(no_counter, "");
  EXPECT_TRUE(events_.empty());
}

TEST_F(AlarmsTest, BindAPartToTheDeviceInThatSlot) {
  alarms_.rose(rise("pcie.0000:1b:00.1.ue", 1), "");
  alarms_.rose(rise("pcie.0000:1b:00.0.ue", 1), "");  // another function is another device
  log("gpu.xid.79 fatal 0000:1b:00.0 fell off the bus");
  log("pcie.x fatal 0000:1c:00.0 x");
  alarms_.close_window();
  ASSERT_EQ(events_.size(), 4u);
  EXPECT_EQ(events_[0].device, "gpu:0");
  EXPECT_EQ(events_[1].device, "");
  EXPECT_EQ(events_[2].device, "gpu:0");
  EXPECT_EQ(events_[3].device, "");
}

TEST_F(AlarmsTest, TellAlikeLinesOfAWindowOnceWithTheirNumber) {
  for (int i = 0; i < 5; ++i) log("nic.link warning eth0 down", 10 + i);
  log("nic.link warning eth0 down", 3, "quick/02");
  log("nic.link warning eth1 down", 4);
  EXPECT_TRUE(events_.empty());
  alarms_.close_window();
  ASSERT_EQ(events_.size(), 3u);
  EXPECT_EQ(events_[0].step, "quick/02");  // in the order of their times
  EXPECT_EQ(events_[2].count, 5u);
  EXPECT_EQ(events_[2].at_s, 10);
  EXPECT_EQ(events_[2].kind, "kernel_log");
  EXPECT_EQ(events_[2].text, "nic.link warning eth0 down");
  alarms_.close_window();
  EXPECT_EQ(events_.size(), 3u);
}

TEST_F(AlarmsTest, IgnoreOurOwnLinesButNotThoseThatOnlyLookSo) {
  log("rackproof: kernel log check 0123", 1, "", 1);
  alarms_.close_window();
  EXPECT_TRUE(events_.empty());
  log("rackproof: fatal 0 the kernel says this", 1, "", 0);
  alarms_.close_window();
  EXPECT_EQ(events_.size(), 1u);
}

TEST_F(AlarmsTest, TellAStormByItsFirstHundred) {
  for (int i = 0; i < 250; ++i) {
    log("nic.link warning eth0 down", i);
    alarms_.close_window();
  }
  ASSERT_EQ(events_.size(), Alarms::kMostAlike);
  EXPECT_THAT(events_.back().text, HasSubstr("the 100th of this cause: more of it are not told"));
}

TEST_F(AlarmsTest, NameEachFatalPartHoweverManyWereTold) {
  for (int i = 0; i < 150; ++i) {
    log("gpu.x fatal 0000:2b:00.0 lost", i);
    alarms_.close_window();
  }
  const std::size_t before = events_.size();
  log("gpu.x fatal 0000:1b:00.0 lost", 200);
  alarms_.close_window();
  ASSERT_EQ(events_.size(), before + 1);
  EXPECT_EQ(events_.back().device, "gpu:0");
}

TEST_F(AlarmsTest, StayBoundedWhenEveryLineNamesAnotherPart) {
  for (int i = 0; i < 5000; ++i) log("forged fatal part" + std::to_string(i) + " x", 1, "", 3);
  alarms_.close_window();
  EXPECT_EQ(events_.size(), Alarms::kMostAlike);
  for (const EventRecord& event : events_) EXPECT_EQ(event.severity, "warning");
}

TEST_F(AlarmsTest, CutALongLineBetweenCharacters) {
  std::string text = "a warning b ";
  for (int i = 0; i < 50000; ++i) text += "\xc3\xa4";
  log(text);
  alarms_.close_window();
  const std::string& cut = events_.at(0).text;
  EXPECT_LE(cut.size(), 503u);
  EXPECT_TRUE(cut.ends_with("\xc3\xa4..."));
}

}  // namespace
}  // namespace rackproof
