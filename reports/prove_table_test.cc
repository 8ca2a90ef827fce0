// SPDX-License-Identifier: Apache-2.0
#include "reports/prove_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

using ::testing::HasSubstr;

constexpr const char* kGemm = "gemm fp32 fp32 8 8 8 exact";

std::uint64_t bits(float value) { return std::bit_cast<std::uint32_t>(value); }

// A step of one fault that turned element 5 from `before` into `after`, found or not.
struct Proof {
  Plan plan;
  Evidence evidence;
  std::vector<std::string> classes{"single"};

  Proof(std::uint64_t before, std::uint64_t after, bool found, const char* kind = "flip") {
    PlannedStep step;
    step.id = "prove/001 compute.gemm result single";
    step.stage = "prove";
    step.stressor = "compute.gemm";
    step.params = {{"dtype", "fp32"}, {"size", "8"}};
    step.devices = {"d0"};
    step.drill = true;
    step.faults = {{FaultSite::result, fault_kind_from_name(kind).value()}};
    plan.steps = {step};
    WindowRecord window;
    window.bursts = 4;
    window.faults = {{1, "result", kind, kGemm, 2, {{5, before, after}}}};
    if (found) window.findings = {{2, 0, 5, before, after}};
    window.miscompares = window.findings.size();
    WorkTally clean, struck;
    clean.work = struck.work = kGemm;
    clean.bursts = 3;
    clean.digest = clean.expected = Bits(7);
    struck.bursts = 1;
    struck.faulted = true;
    window.work = {clean, struck};
    TaskRecord task;
    task.step = step.id;
    task.device = "d0";
    task.outcome = Outcome::finished;
    task.windows = {window};
    evidence.tasks = {task};
  }
  [[nodiscard]] ProveTable table() const { return prove_table(plan, evidence, classes); }
  WindowRecord& window() { return evidence.tasks[0].windows[0]; }
};

TEST(ProveTable, CountsAFaultThatWasFound) {
  const ProveTable table = Proof(bits(1), bits(2), true).table();
  const ProveCount all = table.total("single");
  EXPECT_EQ(all.planned, 1U);
  EXPECT_EQ(all.activated, 1U);
  EXPECT_EQ(all.detected, 1U);
  EXPECT_EQ(all.localised, 1U);
  EXPECT_EQ(all.missed(), 0U);
  EXPECT_NEAR(all.lower_bound_95(), 0.05, 1e-9);  // one of one
  EXPECT_EQ(table.clean_bursts, 3U);
  EXPECT_EQ(table.unexplained, 0U);
  EXPECT_TRUE(table.whole());
  EXPECT_EQ(table.rows[0].params, "dtype=fp32");
}

TEST(ProveTable, NamesAFaultThatWasMissed) {
  const ProveTable table = Proof(bits(1), bits(2), false).table();
  EXPECT_EQ(table.total("single").missed(), 1U);
  EXPECT_THAT(describe(table, false), HasSubstr("missed: d0 compute.gemm dtype=fp32 result single: "
                                                "result/flip at element 5 in burst 2"));
}

TEST(ProveTable, DoesNotCountAFaultThatChangedNothing) {
  const ProveTable table = Proof(bits(1), bits(1), false).table();
  EXPECT_EQ(table.total("single").injected, 1U);
  EXPECT_EQ(table.total("single").activated, 0U);
  EXPECT_FALSE(table.whole());  // a detector that saw nothing to find is not proven
  EXPECT_THAT(describe(table, false), HasSubstr("no fault took effect"));
}

TEST(ProveTable, FindingInACleanBurstIsAFalseAlarm) {
  Proof proof(bits(1), bits(2), true);
  proof.window().findings.push_back({3, 0, 1, 0, 1});
  proof.window().miscompares = 2;
  EXPECT_EQ(proof.table().unexplained, 1U);
  proof.window().work[0].digest = Bits(8);
  EXPECT_EQ(proof.table().unexplained, 4U);  // and three bursts with a wrong digest
}

TEST(ProveTable, StepThatIsNotWholeShowsWhy) {
  Proof proof(bits(1), bits(2), true);
  proof.evidence.tasks[0].outcome = Outcome::crashed;
  proof.evidence.tasks[0].detail = "ended by signal 11";
  EXPECT_FALSE(proof.table().whole());
  EXPECT_THAT(describe(proof.table(), false), HasSubstr("crashed: ended by signal 11"));
  proof.evidence.tasks.clear();
  EXPECT_EQ(proof.table().rows[0].problem, "never ran");
}

TEST(ProveTable, WhatADeviceCannotDoIsListedAndNotCounted) {
  Proof proof(bits(1), bits(2), true);
  proof.evidence.tasks[0].outcome = Outcome::unsupported;
  proof.evidence.tasks[0].detail = "no fp32";
  EXPECT_EQ(proof.table().total("single").planned, 0U);
  EXPECT_TRUE(proof.table().whole());
  EXPECT_THAT(describe(proof.table(), false), HasSubstr("not tried: d0 compute.gemm dtype=fp32 "
                                                        "result single: no fp32"));
}

TEST(ProveTable, TellsOnceWhyAStressorIsNotTriedAtAll) {
  ProveTable table;
  for (const char* params : {"kind=a", "kind=b"})
    table.rows.push_back({"d0", "peers", params, "transfer", "single", {}, "no peer", "", {}});
  EXPECT_THAT(describe(table, false), HasSubstr("not tried: d0 peers (2 steps): no peer\n"));
}

// Which of the comparators, in their order, miss the fault.
std::vector<std::uint64_t> missed_by(const Proof& proof) {
  std::vector<std::uint64_t> missed;
  for (const VersusRow& row : proof.table().versus) missed.push_back(row.missed);
  return missed;
}

TEST(Comparators, WithAnEpsilonDoNotSeeSmallChanges) {
  EXPECT_EQ(missed_by(Proof(bits(1.0F), bits(1.0005F), true)),
            (std::vector<std::uint64_t>{1, 1, 0, 1}));
  EXPECT_EQ(missed_by(Proof(bits(1.0F), bits(1.5F), true)),
            (std::vector<std::uint64_t>{0, 0, 0, 0}));
}

TEST(Comparators, BlindToNanDoNotSeeOne) {
  EXPECT_EQ(missed_by(Proof(bits(1.0F), 0x7fc00000, true)),
            (std::vector<std::uint64_t>{1, 0, 0, 1}));
}

TEST(Comparators, WithTheirOwnFirstIterationNeverSeeALastingFault) {
  EXPECT_EQ(missed_by(Proof(bits(1.0F), bits(64.0F), true, "stuck")),
            (std::vector<std::uint64_t>{1, 1, 1, 0}));
}

TEST(Comparators, CountWhatTheyAloneSaw) {
  // Ours found other bits than the fault's at its place: not identified as the fault.
  Proof proof(bits(1.0F), bits(64.0F), true);
  proof.window().findings[0].got = bits(128.0F);
  EXPECT_EQ(proof.table().versus[0].only_it, 1U);
  EXPECT_EQ(to_json(proof.table()).at("versus").at(0).at("seen_by_it_alone"), 1);
}

}  // namespace
}  // namespace rackproof
