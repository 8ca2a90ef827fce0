// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "stressors/recorded_gang.h"

namespace rackproof {
namespace {

StepSettings reduce_step(const std::string& kind, const std::string& dtype = "fp32") {
  StepSettings settings =
      short_step("interconnect.collective", {{"size", "64 KiB"}, {"kind", kind}, {"dtype", dtype}});
  settings.burst_s = 0.002;
  return settings;
}

const std::vector<std::string> kKinds{"all_reduce", "all_gather", "reduce_scatter", "all_to_all"};

TEST(Collective, PassesOnAHealthyNodeInEveryKindAndType) {
  for (const std::string& kind : kKinds) {
    for (const char* dtype : {"int32", "fp16", "bf16", "fp32", "fp64"}) {
      for (const RecordedMember& member : run_gang(synthetic_node(3), reduce_step(kind, dtype))) {
        EXPECT_EQ(member.skipped, "");
        EXPECT_EQ(member.miscompares(), 0U);
        EXPECT_EQ(member.wrong_digests(), 0U);
        EXPECT_GE(member.recordings("busbw"), 1U) << kind << " " << dtype;
      }
    }
  }
}

// A burst on one rank is a burst on all: as many iterations, on the same data.
TEST(Collective, RunsTheSameBurstsOnEveryRank) {
  const auto gang = run_gang(synthetic_node(4), reduce_step("all_reduce"));
  std::set<std::vector<std::uint64_t>> seen;
  for (const RecordedMember& member : gang) {
    std::vector<std::uint64_t> work;
    for (const WindowRecord& w : member.windows) {
      for (const WorkTally& t : w.work) work.insert(work.end(), {t.iterations, t.pattern});
    }
    seen.insert(work);
  }
  EXPECT_EQ(seen.size(), 1U);
}

TEST(Collective, FindsOneWrongElementOnTheRankThatHasIt) {
  for (const std::string& kind : kKinds) {
    const std::string wrong = "n0-d2 wrong=transfer every=1000";
    const auto gang = run_gang(synthetic_node(4, wrong), reduce_step(kind));
    for (std::size_t rank = 0; rank < gang.size(); ++rank) {
      EXPECT_EQ(gang[rank].miscompares(), rank == 2 ? 1U : 0U) << kind << " " << rank;
      EXPECT_EQ(gang[rank].wrong_digests(), rank == 2 ? 1U : 0U) << kind << " " << rank;
    }
  }
}

TEST(Collective, FindsEachFaultOfADrillWhereItStruck) {
  const std::vector<FaultKind> kinds{FaultKind::flip, FaultKind::stuck, FaultKind::nan,
                                     FaultKind::lanes, FaultKind::scramble};
  for (const char* dtype : {"int32", "fp16", "bf16", "fp64"}) {
    const auto drill = short_drill(reduce_step("all_reduce", dtype), FaultSite::transfer, kinds);
    for (const RecordedMember& member : run_gang(synthetic_node(3), drill)) {
      const auto [active, found] = member.active_and_found();
      EXPECT_EQ(active, kinds.size()) << dtype;
      EXPECT_EQ(found, kinds.size()) << dtype;
    }
  }
}

TEST(Collective, SkipsForTheReasonOfADeviceThatCannot) {
  const auto gang =
      run_gang(synthetic_node(2, "n0-d1 unsupported=bf16"), reduce_step("all_gather", "bf16"));
  EXPECT_EQ(gang[1].skipped, "n0-d1 does not support all_gather of bf16");
}

TEST(Collective, NeedsAPeer) {
  const auto device = synthetic_device();
  EXPECT_EQ(why_unsupported(*device, reduce_step("all_reduce")),
            "interconnect.collective needs two devices of one node and back end at least: n0-d0 "
            "has no peer in this step");
}

}  // namespace
}  // namespace rackproof
