// SPDX-License-Identifier: Apache-2.0
#include "runner/task.h"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

namespace rackproof {
namespace {

// A worker, in shell, that says its lines and waits.
Task task_that_says(const std::string& lines) {
  auto child = spawn({"/bin/sh", "-c", "printf '%s\\n' '" + lines + "' >&3; sleep 60"});
  EXPECT_TRUE(child.has_value());
  return Task(Assignment{}, TaskLimits{.deadline_s = 60, .silence_s = 60}, *std::move(child),
              Clock::now());
}

void pump_to_its_end(Task& task) {
  while (!task.ended()) {
    task.pump(Clock::now());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

// What it had said in good order before it was killed is still on its way.
TEST(Task, KeepsTheReasonForWhichItWasKilled) {
  Task task = task_that_says("{\"t\":\"hello\"}\n{\"t\":\"phase\",\"phase\":\"load\"}");
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  task.end(Outcome::gang_lost, "lost d:1", Clock::now());
  pump_to_its_end(task);
  EXPECT_EQ(name(task.outcome()), name(Outcome::gang_lost)) << task.detail();
  EXPECT_EQ(task.detail(), "lost d:1");
}

TEST(Task, KeepsAWorkersWordsToOneLine) {
  Task task =
      task_that_says("{\"t\":\"hello\"}\n{\"t\":\"error\",\"text\":\"lost\\nPASS\\u001b[2J\"}");
  while (!task.lost()) task.pump(Clock::now());
  EXPECT_EQ(task.detail(), "lost | PASS?[2J");
}

TEST(Task, IsNotBlamedForTheTimeInWhichTheSupervisorStoodStill) {
  Task task = task_that_says("{\"t\":\"hello\"}");
  const auto later = [](int s) { return Clock::now() + std::chrono::seconds(s); };
  task.forgive(std::chrono::seconds(30));
  task.pump(later(80));
  EXPECT_FALSE(task.lost()) << task.detail();
  task.pump(later(91));
  EXPECT_EQ(name(task.outcome()), name(Outcome::hung));
  EXPECT_EQ(task.detail().rfind("past the step's deadline of 60.0 s", 0), 0U) << task.detail();
}

constexpr const char* kLoads = "{\"t\":\"hello\"}\n{\"t\":\"phase\",\"phase\":\"load\"}\n";

TEST(Task, ForgetsTheWindowsOfAWorkerThatThenBreaksTheProtocol) {
  Json window = to_json(WindowRecord{});
  window["t"] = "window";
  Task honest = task_that_says(kLoads + window.dump());
  std::deque<WindowRecord> windows;
  while (windows.empty() && !honest.lost()) {
    honest.pump(Clock::now());
    windows = honest.take_windows();
  }
  EXPECT_EQ(windows.size(), 1U) << honest.detail();
  Task lying = task_that_says(kLoads + window.dump() + "\n{\"t\":\"nonsense\"}");
  pump_to_its_end(lying);
  EXPECT_EQ(name(lying.outcome()), name(Outcome::garbage)) << lying.detail();
  EXPECT_TRUE(lying.take_windows().empty());
}

}  // namespace
}  // namespace rackproof
