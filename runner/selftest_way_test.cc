// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include "backends/synthetic/device.h"
#include "core/folder_for_test.h"
#include "core/journal.h"
#include "core/stressor.h"
#include "reports/report.h"
#include "runner/campaign_for_test.h"
#include "runner/selftest_way_for_test.h"

namespace rackproof::testing {
namespace {

constexpr std::size_t kFewest = 150;  // ways that do harm
constexpr unsigned kAtOnce = 8;       // most of their time they wait
constexpr const char* kRack = "rack nodes=1 devices=2 memory=1MiB cores=2 spread=0%";
constexpr const char* kCulprit = "n0-d0";
constexpr const char* kSibling = "n0-d1";

using Table = std::map<std::string, std::vector<Way>>;

Table& table() {
  static Table ways;
  return ways;
}

std::string title(const Way& way) {
  std::string text = way.stressor;
  for (const auto& [key, value] : way.params) text += " " + key + "=" + value;
  return text;
}

Rack two_devices() {
  Rack rack;
  const auto devices = discover_synthetic(kRack);
  EXPECT_TRUE(devices.has_value());
  if (!devices) return rack;
  for (const auto& device : *devices) rack.devices.push_back(device->info());
  return rack;
}

// As `rackproof stress` plans it; drills take seconds, so only where the way is about them.
Plan plan_of(const Way& way, const Rack& rack) {
  auto plan = make_stress_plan(way.stressor, way.params, rack.devices, way.load_s);
  EXPECT_TRUE(plan.has_value()) << title(way) << ": " << (plan ? "" : plan.error().text());
  if (!plan) return {};
  std::erase_if(plan->steps, [&](const PlannedStep& step) { return step.drill && !way.drilled; });
  for (PlannedStep& step : plan->steps) {
    step.silence_s = way.silence_s;
    step.deadline_s = way.deadline_s;
  }
  return *std::move(plan);
}

struct Ran {
  Plan plan;
  Evidence evidence;  ///< as a verifier reads it from the journal
  Report report;
  std::string problem;
};

Ran run_way(const Way& way, const std::filesystem::path& folder) {
  Ran ran;
  CampaignRequest request = campaign_in(folder);
  request.rack = two_devices();
  request.specs["synthetic"] = kRack;
  request.limits.exit_s = 3;
  request.plan = ran.plan = plan_of(way, request.rack);
  const auto result = run_campaign(request);
  if (!result || !result->sealed) {
    ran.problem = result ? result->problem : result.error().text();
    return ran;
  }
  ran.evidence = replay_of(folder);
  ran.report = judge(ran.plan, ran.evidence);
  return ran;
}

std::vector<Ran> run_all(const std::vector<Way>& ways, const std::filesystem::path& folder) {
  std::vector<Ran> ran(ways.size());
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kAtOnce; ++i) {
    threads.emplace_back([&] {
      for (std::size_t way = next++; way < ways.size(); way = next++) {
        ran[way] = run_way(ways[way], folder / std::to_string(way));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return ran;
}

Verdict verdict_of(const Report& report, const std::string& device, bool drilled) {
  std::vector<Verdict> parts;
  for (const TaskResult& row : report.tasks) {
    if (row.device == device) parts.push_back(row.verdict);
  }
  for (const CriterionResult& row : report.criteria) {
    if (row.criterion.device == device && row.counts()) parts.push_back(row.verdict);
  }
  for (const DrillResult& row : report.drill) {
    if (row.device == device && drilled) parts.push_back(row.verdict);
  }
  return worst(parts);
}

// Of the load; a drill ends as drills do.
std::vector<TaskRecord> tasks_of(const Ran& ran, const std::string& device) {
  std::vector<TaskRecord> tasks;
  for (const TaskRecord& task : ran.evidence.tasks) {
    const PlannedStep* step = ran.plan.step(task.step);
    if (task.device == device && step != nullptr && !step->drill) tasks.push_back(task);
  }
  return tasks;
}

std::string said_of(const Ran& ran, const std::string& device) {
  std::string text;
  for (const TaskRecord& task : tasks_of(ran, device)) text += task.detail + "\n";
  for (const Problem& problem : ran.report.problems) {
    const auto& parts = problem.parts;
    if (std::find(parts.begin(), parts.end(), device) != parts.end())
      text += problem.evidence + "\n";
  }
  for (const CriterionResult& row : ran.report.criteria) {
    if (row.criterion.device == device) text += row.reason + "\n";
  }
  return text;
}

bool repeats(Outcome outcome) { return outcome == Outcome::crashed || outcome == Outcome::hung; }

void expect_way(const Way& way, const Ran& ran) {
  SCOPED_TRACE(title(way));
  ASSERT_EQ(ran.problem, "");
  EXPECT_TRUE(ran.evidence.finished);
  const auto culprit = tasks_of(ran, kCulprit), sibling = tasks_of(ran, kSibling);
  ASSERT_EQ(culprit.size(), repeats(way.outcome) ? 2u : 1u) << said_of(ran, kCulprit);
  for (const TaskRecord& task : culprit) {
    EXPECT_EQ(name(task.outcome), name(way.outcome)) << task.detail;
  }
  EXPECT_THAT(said_of(ran, kCulprit), ::testing::ContainsRegex(way.words));
  EXPECT_EQ(name(verdict_of(ran.report, kCulprit, way.drilled)), name(way.verdict))
      << said_of(ran, kCulprit);
  ASSERT_EQ(sibling.size(), 1u);
  EXPECT_EQ(name(sibling[0].outcome), name(Outcome::finished)) << sibling[0].detail;
  EXPECT_FALSE(sibling[0].windows.empty());
  EXPECT_EQ(name(verdict_of(ran.report, kSibling, way.drilled)), "PASS") << said_of(ran, kSibling);
}

}  // namespace

bool register_ways(const std::string& idea, std::vector<Way> ways) {
  table()[idea] = std::move(ways);
  return true;
}

const Table& all_ways() { return table(); }

bool is_harmless(const Way& way) {
  return way.outcome == Outcome::finished && way.verdict == Verdict::pass;
}

void expect_ways(const std::string& idea) {
  const TestFolder folder;
  const std::vector<Way>& ways = table().at(idea);
  const std::vector<Ran> ran = run_all(ways, folder.path());
  for (std::size_t i = 0; i < ways.size(); ++i) expect_way(ways[i], ran[i]);
}

std::string by_signal(const std::string& name) {
  return is_sanitized() ? "SIG" + name + "|exit code" : "ended by signal [0-9]+ .SIG" + name + ".";
}

bool is_sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#elif defined(__has_feature)
  return __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
  return false;
#endif
}

namespace {

// Null: its ways are numbers.
const Choice* ways_of(const StressorInfo& info) {
  const AnyParam* param = info.param("way");
  return param == nullptr ? nullptr : std::get_if<Choice>(param);
}

TEST(Selftest, KnowsEnoughWaysToMisbehave) {
  std::set<std::string> harmful;
  for (const auto& [idea, ways] : all_ways()) {
    for (const Way& way : ways) {
      if (!is_harmless(way)) harmful.insert(title(way));
    }
  }
  EXPECT_GE(harmful.size(), kFewest);
}

// A word that nobody expects anything of would be a way that nothing is proven of.
TEST(Selftest, ExpectsSomethingOfEveryWordOfEveryStressor) {
  std::set<std::string> expected;
  for (const auto& [idea, ways] : all_ways()) {
    for (const Way& way : ways) {
      for (const auto& [key, value] : way.params) expected.insert(way.stressor + key + value);
    }
  }
  for (const StressorInfo& info : stressors()) {
    if (!info.name.starts_with("selftest.")) continue;
    const Choice* way = ways_of(info);
    if (way == nullptr) continue;
    for (const std::string_view word : way->words) {
      EXPECT_TRUE(expected.contains(std::string(info.name) + "way" + std::string(word)))
          << info.name << " way=" << word;
    }
  }
}

TEST(Selftest, StandsInTheReferenceWithEveryWayByName) {
  std::ifstream file(RACKPROOF_SOURCE_DIR "/docs/reference/selftests.md");
  std::map<std::string, std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| `")) rows[line.substr(3, line.find('`', 3) - 3)] = line;
  }
  for (const StressorInfo& info : stressors()) {
    if (!info.name.starts_with("selftest.")) continue;
    const std::string row = rows[std::string(info.name)];
    EXPECT_NE(row, "") << info.name;
    const Choice* way = ways_of(info);
    if (way == nullptr) continue;
    for (const std::string_view word : way->words) {
      EXPECT_THAT(row, ::testing::HasSubstr("`" + std::string(word) + "`")) << info.name;
    }
  }
}

TEST(Selftest, IsHiddenFromEveryList) {
  std::size_t found = 0;
  for (const StressorInfo& info : stressors()) {
    if (!info.name.starts_with("selftest.")) continue;
    ++found;
    EXPECT_TRUE(info.hidden) << info.name;
  }
  EXPECT_GE(found, 7u);
}

}  // namespace
}  // namespace rackproof::testing
