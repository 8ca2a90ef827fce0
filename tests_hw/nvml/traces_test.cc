// SPDX-License-Identifier: Apache-2.0
// Traces of what GPUs count, each with the verdict that it must lead to: through the driver's
// library (a fake), the sensor sources, their readers, the windows, the events and the judge.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "hardware/nvml/fake_for_test.h"
#include "reports/judge_test_support.h"
#include "runner/sensor_readers.h"
#include "runner/telemetry_alarms.h"

namespace rackproof::testing {
namespace {

constexpr const char* kBdf[] = {"0000:1b:00.0", "0000:3b:00.0"};  // of d0 and d1
constexpr auto kPatience = std::chrono::seconds(2);               // ends when all have answered
constexpr auto kStallPatience = std::chrono::milliseconds(30);

struct Trace {
  std::string name;
  YAML::Node told;
};
void PrintTo(const Trace& trace, std::ostream* out) { *out << trace.name; }

std::vector<Trace> traces() {
  const YAML::Node file = YAML::LoadFile(RACKPROOF_SOURCE_DIR "/tests_hw/nvml/traces.yaml");
  std::vector<Trace> all;
  for (const auto& entry : file) all.push_back({entry.first.as<std::string>(), entry.second});
  return all;
}

std::string script_of(const YAML::Node& told) {
  std::string script = told["driver"].as<std::string>("") + "\n";
  for (const int gpu : {0, 1}) {
    script += std::string("gpu ") + kBdf[gpu] + "\n";
    script += told["gpu" + std::to_string(gpu)].as<std::string>("") + "\n";
  }
  return script;
}

PlannedCriterion limit_of(const YAML::Node& told) {
  PlannedCriterion c;
  const auto pattern = told["sensor"].as<std::string>();
  c.statistic = told["of"].as<std::string>();
  c.rule = told["floor"] ? Rule::floor : told["ceiling"] ? Rule::ceiling : Rule::equals;
  c.limit = told[std::string(name(c.rule))].as<double>();
  c.unit = *unit_from_name(told["unit"].as<std::string>("count"));
  c.id = "sensor " + pattern + " " + c.statistic;
  c.metric = "sensor " + pattern;
  c.uncertainty = told["uncertainty"].as<double>(0);
  c.source = "a trace";
  return c;
}

std::vector<DeviceInfo> devices() {
  std::vector<DeviceInfo> all(2);
  for (const std::size_t i : {0u, 1u}) {
    all[i].id = "d" + std::to_string(i);
    all[i].bdf = kBdf[i];
  }
  return all;
}

// The healthy campaign's clock: a drill to 5 s, load to 15 s, a drill to 20 s; a look each second.
class Play {
 public:
  explicit Play(const YAML::Node& told)
      : campaign_(healthy()),
        driver_(script_of(told)),
        patience_(told["stalls"].as<bool>(false) ? Clock::duration(kStallPatience) : kPatience) {
    for (const auto& limit : told["limits"]) campaign_.plan.criteria.push_back(limit_of(limit));
    for (const auto& sensor : told["required"]) {
      campaign_.plan.coverage.push_back({"sensor " + sensor.as<std::string>(), "", 1.0, 0});
    }
  }

  Report judged() {
    std::vector<std::unique_ptr<SensorSource>> sources;
    sources.push_back(watched(nvml::gpu_sensors(nvml::FakeDriver::library())));
    auto& readers = *new SensorReaders(std::move(sources));  // NOLINT: its threads never end
    for (int second = 0; second < 20; ++second) {
      for (const Reading& reading : readers.tick(patience_)) windows_.add(reading, second + 0.5);
      if (second == 4) close(5, kFirstDrill);
      if (second == 14) close(15, kLoad);
      if (second == 19) close(20, kLastDrill);
    }
    return campaign_.judged();
  }

  [[nodiscard]] const std::vector<EventRecord>& events() const { return campaign_.evidence.events; }

 private:
  void close(double end_s, const std::string& step) {
    for (const auto& taken : windows_.take(end_s)) {
      campaign_.evidence.sensors.push_back(taken.window);
      alarms_.rose(taken, step);
    }
  }

  Campaign campaign_;
  nvml::FakeDriver driver_;
  Clock::duration patience_;
  SensorWindows windows_;
  Alarms alarms_{devices(),
                 [this](const EventRecord& event) { campaign_.evidence.events.push_back(event); }};
};

std::set<std::string> texts_of(const std::vector<EventRecord>& events) {
  std::set<std::string> texts;
  for (const EventRecord& event : events) {
    const std::string& who = event.device.empty() ? event.part : event.device;
    texts.insert(event.severity + " " + event.cause + " " + who);
    EXPECT_FALSE(event.next_step.empty()) << event.cause;
  }
  return texts;
}

std::set<std::string> words_of(const YAML::Node& list) {
  std::set<std::string> words;
  for (const auto& word : list) words.insert(word.as<std::string>());
  return words;
}

std::set<std::string> parts_of(const Report& report) {
  std::set<std::string> parts;
  for (const Problem& problem : report.problems) parts.insert(problem.part);
  return parts;
}

class NvmlTrace : public ::testing::TestWithParam<Trace> {};

TEST_P(NvmlTrace, IsJudgedAsTheTableSays) {
  const YAML::Node told = GetParam().told;
  Play play(told);
  const Report report = play.judged();
  EXPECT_EQ(name(report.verdict), told["verdict"].as<std::string>()) << problem_text(report);
  EXPECT_EQ(parts_of(report), words_of(told["parts"])) << problem_text(report);
  EXPECT_EQ(texts_of(play.events()), words_of(told["events"]));
  EXPECT_THAT(problem_text(report), ::testing::HasSubstr(told["says"].as<std::string>("")));
}

INSTANTIATE_TEST_SUITE_P(Table, NvmlTrace, ::testing::ValuesIn(traces()),
                         [](const auto& trace) { return trace.param.name; });

TEST(NvmlTraces, AreAtLeastFiftyWithEveryVerdictAmongThem) {
  std::set<std::string> verdicts;
  for (const Trace& trace : traces()) verdicts.insert(trace.told["verdict"].as<std::string>());
  EXPECT_GE(traces().size(), 50u);
  EXPECT_THAT(verdicts, ::testing::IsSupersetOf({"PASS", "FAIL", "MARGINAL", "INCOMPLETE"}));
}

}  // namespace
}  // namespace rackproof::testing
