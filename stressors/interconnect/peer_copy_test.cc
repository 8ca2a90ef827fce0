// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "stressors/recorded_gang.h"

namespace rackproof {
namespace {

StepSettings copy_step(const std::string& at_once = "no") {
  StepSettings settings =
      short_step("interconnect.peer_copy", {{"size", "64 KiB"}, {"at_once", at_once}});
  settings.burst_s = 0.002;
  return settings;
}

// By peer: the least median of any window.
std::map<std::string, double> bandwidths(const RecordedStep& step) {
  std::map<std::string, double> all;
  for (const WindowRecord& w : step.windows) {
    for (const MetricWindow& m : w.metrics) {
      if (m.metric != "bandwidth") continue;
      const auto [at, fresh] = all.try_emplace(m.peer, m.median);
      if (!fresh) at->second = std::min(at->second, m.median);
    }
  }
  return all;
}

std::set<std::string> peers_of_findings(const RecordedStep& step) {
  std::set<std::string> peers;
  for (const WindowRecord& w : step.windows) {
    for (const Finding& f : w.findings) peers.insert(f.peer);
  }
  return peers;
}

TEST(PeerCopy, MeasuresEveryOrderedPairOfAHealthyNode) {
  for (const char* at_once : {"no", "yes"}) {
    const auto gang = run_gang(synthetic_node(8), copy_step(at_once));
    for (const RecordedMember& member : gang) {
      EXPECT_EQ(member.skipped, "");
      EXPECT_EQ(bandwidths(member).size(), 7U) << at_once;
      EXPECT_EQ(member.miscompares(), 0U);
      EXPECT_EQ(member.wrong_digests(), 0U);
    }
    EXPECT_EQ(gang[0].recordings("latency") > 0, std::string(at_once) == "no");
  }
}

TEST(PeerCopy, ShowsTheOneSlowPairAndOnlyIt) {
  const auto gang = run_gang(synthetic_node(8, "n0-d5 link_slow=d3:50%"), copy_step());
  for (std::size_t rank = 0; rank < gang.size(); ++rank) {
    for (const auto& [peer, rate] : bandwidths(gang[rank]))
      EXPECT_EQ(rate < 0.75 * 10e9 / 1.8, rank == 5 && peer == "n0-d3") << rank << " " << peer;
  }
}

TEST(PeerCopy, FindsTheOneCorruptPairAndNamesBothEnds) {
  for (const char* at_once : {"no", "yes"}) {
    const auto gang = run_gang(synthetic_node(8, "n0-d5 link_wrong=d3"), copy_step(at_once));
    for (std::size_t rank = 0; rank < gang.size(); ++rank) {
      const std::set<std::string> wrong =
          rank == 5 ? std::set<std::string>{"n0-d3"} : std::set<std::string>{};
      EXPECT_EQ(peers_of_findings(gang[rank]), wrong) << rank;
      EXPECT_EQ(gang[rank].wrong_digests() > 0, rank == 5) << rank;
    }
  }
}

TEST(PeerCopy, FindsEachFaultOfADrillWhereItStruck) {
  const std::vector<FaultKind> kinds{FaultKind::flip, FaultKind::stuck, FaultKind::scramble};
  for (const char* at_once : {"no", "yes"}) {
    const auto drill = short_drill(copy_step(at_once), FaultSite::transfer, kinds);
    for (const RecordedMember& member : run_gang(synthetic_node(3), drill)) {
      const auto [active, found] = member.active_and_found();
      EXPECT_EQ(active, kinds.size()) << at_once;
      EXPECT_EQ(found, kinds.size()) << at_once;
    }
  }
}

TEST(PeerCopy, NeedsAPeer) {
  const auto device = synthetic_device();
  EXPECT_EQ(why_unsupported(*device, copy_step()),
            "interconnect.peer_copy needs two devices of one node and back end at least: n0-d0 has "
            "no peer in this step");
}

TEST(PeerCopy, IsUnsupportedWhereADeviceCannotCopy) {
  const auto gang = run_gang(synthetic_node(2, "n0-d1 unsupported=copy"), copy_step());
  EXPECT_EQ(gang[0].skipped, "");
  EXPECT_EQ(gang[1].skipped, "n0-d1 does not support copy");
}

}  // namespace
}  // namespace rackproof
