// SPDX-License-Identifier: Apache-2.0
// Peers: what they tell each other, and what becomes of the rest when one of them is lost or lies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "core/context.h"
#include "runner/assignment.h"
#include "runner/campaign_for_test.h"
#include "runner/exchange.h"
#include "runner/message.h"
#include "runner/process.h"

namespace rackproof {
namespace {

using ::testing::HasSubstr;

constexpr std::array<std::string_view, 8> kHows{"pass",  "die",   "silent", "error",
                                                "leave", "round", "long",   "window"};
constexpr std::array<std::string_view, 3> kWhos{"fake:0", "fake:1", "nobody"};
constexpr Choice kHow{"how", kHows, "what the worker does instead of its second exchange"};
constexpr Choice kWho{"who", kWhos, "on which device"};
constexpr Metric kBandwidth{"bandwidth", Unit::bytes_per_second, "as usual"};

void say(const std::string& line) { (void)send_all(kWorkerFd, line + "\n"); }

void misbehave(std::string_view how) {
  if (how == "die") std::signal(SIGSEGV, SIG_DFL), std::raise(SIGSEGV);
  if (how == "error") throw DeviceError("the link is down");
  if (how == "round") say(R"({"t":"exchange","round":7,"bytes":""})");
  if (how == "long") say(R"({"t":"exchange","round":1,"bytes":")" + std::string(4096, '0') + "\"}");
  // Both at once, so that no answer comes between.
  if (how == "window")
    say(R"({"t":"exchange","round":1,"bytes":""})" + std::string("\n") + R"({"t":"window"})");
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

// Any bytes arrive as they were said, by rank.
void exchange(Context& ctx, int round) {
  const auto told = [&](std::uint32_t rank) {
    return std::string("\0\xff", 2) + std::to_string(rank * 100) + ":" + std::to_string(round);
  };
  const auto all = ctx.exchange(told(ctx.rank()));
  for (std::uint32_t rank = 0; rank < ctx.peers().size(); ++rank) {
    if (all.at(rank) != told(rank)) throw std::logic_error("told what nobody said");
  }
}

void run_peers(Context& ctx) {
  const bool culprit = ctx[kWho] == ctx.device().info().id;
  exchange(ctx, 0);
  const auto read = ctx.prepare(Sweep{ctx.device().allocate(4096), {}});
  ctx.barrier();
  bool going = true;
  for (int round = 1; going; ++round) {
    (void)read->run(ctx.burst());
    ctx.record(kBandwidth, 1);
    if (culprit && round == 1 && ctx[kHow] == "leave") return;
    if (culprit && round == 1 && ctx[kHow] != "pass") misbehave(ctx[kHow]);
    exchange(ctx, round);
    going = ctx.exchange(ctx.running() ? "on" : "over") !=
            std::vector<std::string>(ctx.peers().size(), "over");
  }
}
RACKPROOF_STRESSOR(runner_test_peers, {.name = "runner_test.peers",
                                       .summary = "exchanges as a test wants",
                                       .metrics = {kBandwidth},
                                       .params = {kHow, kWho},
                                       .run = run_peers,
                                       .hidden = true,
                                       .peers = Peers::copies});

class PeersTest : public CampaignTest {
 protected:
  static PlannedStep peers_step(const std::string& how, const std::string& who = "fake:1") {
    PlannedStep planned = step(how, who);
    planned.stressor = "runner_test.peers";
    planned.gang = true;
    return planned;
  }
  // How the step ended on both devices.
  std::vector<TaskRecord> ends(const std::string& how, const std::string& who = "fake:1") {
    PlannedStep planned = peers_step(how, who);
    if (how == "leave") planned.duration_s = 0.01;
    run({planned});
    const Evidence evidence = replayed();
    return {tasks(evidence, "fake:0").at(0), tasks(evidence, "fake:1").at(0)};
  }
};

TEST_F(PeersTest, TellEachOtherAnyBytesAndEndTogether) {
  for (const TaskRecord& task : ends("pass", "nobody")) {
    EXPECT_EQ(name(task.outcome), name(Outcome::finished)) << task.detail;
    EXPECT_FALSE(task.windows.empty());
  }
}

TEST_F(PeersTest, LoseTheirGangWithTheDeadOneNamed) {
  const auto both = ends("die");
  EXPECT_EQ(name(both[1].outcome), name(Outcome::crashed));
  EXPECT_EQ(name(both[0].outcome), name(Outcome::gang_lost));
  EXPECT_THAT(both[0].detail, HasSubstr("lost fake:1: crashed"));
}

// The one that waits is silent too; only the one that does not come is hung.
TEST_F(PeersTest, BlameTheOneThatDoesNotCome) {
  const auto both = ends("silent");
  EXPECT_EQ(name(both[1].outcome), name(Outcome::hung)) << both[1].detail;
  EXPECT_EQ(name(both[0].outcome), name(Outcome::gang_lost)) << both[0].detail;
  EXPECT_THAT(both[0].detail, HasSubstr("lost fake:1: hung (silent for"));
}

TEST_F(PeersTest, LoseTheirGangWhenOneFails) {
  const auto both = ends("error");
  EXPECT_EQ(both[1].detail, "the link is down");
  EXPECT_THAT(both[0].detail, HasSubstr("lost fake:1: device_error (the link is down)"));
}

TEST_F(PeersTest, DoNotWaitForOneThatHasLeft) {
  const auto both = ends("leave");
  EXPECT_EQ(name(both[0].outcome), name(Outcome::gang_lost)) << both[0].detail;
  EXPECT_THAT(both[0].detail, HasSubstr("lost fake:1: finished"));
}

TEST_F(PeersTest, RefuseAWorkerThatLiesInAnExchange) {
  const std::map<std::string, std::string> reasons{
      {"round", "an exchange that is not number 2 of it"},
      {"long", "4096 digits to exchange, at most 2048 are taken"},
      {"window", "'window' while it waits for its peers"}};
  for (const auto& [how, reason] : reasons) {
    const auto both = ends(how);
    EXPECT_EQ(name(both[1].outcome), name(Outcome::garbage)) << how;
    EXPECT_EQ(both[1].detail, "broke the protocol: " + reason);
    EXPECT_EQ(name(both[0].outcome), name(Outcome::gang_lost)) << how;
    folder_.remove("bundle");
  }
}

TEST_F(PeersTest, AreDevicesOfOneNodeOnly) {
  CampaignRequest apart = request({peers_step("pass", "nobody")});
  apart.rack.devices[0].node = "n0";
  apart.rack.devices[1].node = "n1";
  run(apart);
  const Evidence evidence = replayed();
  for (const char* device : {"fake:0", "fake:1"}) {
    const TaskRecord task = tasks(evidence, device).at(0);
    EXPECT_EQ(name(task.outcome), name(Outcome::unsupported));
    EXPECT_EQ(task.detail, std::string("runner_test.peers needs two devices of one node and back "
                                       "end at least: ") +
                               device + " has no peer in this step");
  }
}

TEST(Gangs, AreByNodeAndBackEndInTheStepsOrder) {
  std::vector<DeviceInfo> known(5);
  for (std::size_t i = 0; i < known.size(); ++i) {
    known[i].id = "d" + std::to_string(i);
    known[i].node = i < 3 ? "n0" : "n1";
    known[i].backend = i == 1 ? "cpu" : "cuda";
  }
  PlannedStep step;
  step.stressor = "runner_test.peers";
  const std::vector<std::string> devices{"d4", "d2", "d1", "d0", "d3"};
  EXPECT_EQ(gangs_of(step, devices, known),
            (std::vector<std::vector<std::string>>{{"d4", "d3"}, {"d2", "d0"}, {"d1"}}));
  step.stressor = "runner_test.worker";
  EXPECT_EQ(gangs_of(step, devices, known), (std::vector<std::vector<std::string>>{devices}));
}

TEST(Exchange, HexHoldsAnyBytes) {
  const std::string bytes("\0\x7f\xff a", 5);
  EXPECT_EQ(hex_of(bytes), "007fff2061");
  EXPECT_EQ(bytes_of_hex("007fff2061").value(), bytes);
  EXPECT_EQ(bytes_of_hex("0").error().message, "an odd number of digits to exchange");
  EXPECT_EQ(bytes_of_hex("0G").error().message, "bytes to exchange that are no hex digits");
}

}  // namespace
}  // namespace rackproof
