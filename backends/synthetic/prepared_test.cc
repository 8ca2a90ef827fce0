// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/prepared.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "backends/synthetic/device_on_test.h"

namespace rackproof {
namespace {

using namespace std::chrono_literals;

TEST(SyntheticBurst, TakesAsLongAsItsSpeedSays) {
  const auto device = small_device();
  const auto gemm = prepared_on(*device, kSmallGemm);  // 2000 operations at 1 GFLOP/s
  const auto before = Clock::now();
  const Burst burst = gemm->run({.iterations = 1000, .pattern = 7});
  EXPECT_NEAR(burst.seconds(), 2e-3, 1e-8);
  EXPECT_NEAR(burst.flops_per_second(), 1e9, 1e4);
  EXPECT_EQ(burst.flops, 2e6);
  EXPECT_GE(Clock::now() - before, 2ms);
  EXPECT_LE(burst.end, Clock::now());
}

TEST(SyntheticBurst, FitsWholeIterationsIntoItsTimeAndAtLeastOne) {
  const auto device = small_device();
  const auto gemm = prepared_on(*device, kSmallGemm);
  (void)gemm->run(once());  // the golden is computed before the clock starts
  const Burst some = gemm->run({.until = Clock::now() + 10ms, .pattern = 7});
  EXPECT_GE(some.iterations, 1U);
  EXPECT_LE(some.iterations, 5000U);
  EXPECT_NEAR(some.seconds(), 2e-6 * static_cast<double>(some.iterations), 1e-8);
  EXPECT_EQ(gemm->run({.until = Clock::now() - 1s, .pattern = 7}).iterations, 1U);
}

TEST(SyntheticBurst, WaitsForTheCommonStart) {
  const auto device = small_device();
  const auto start = Clock::now() + 5ms;
  const Burst burst = prepared_on(*device, kSmallGemm)->run({.start = start, .iterations = 1});
  EXPECT_GE(burst.start, start);
}

TEST(SyntheticBurst, ArrivesAtTheGoldenOfEveryWork) {
  const auto device = small_device();
  const Region a = device->allocate(4096), b = device->allocate(4096), c = device->allocate(4096);
  const Region host = device->allocate(4096, Place::host);
  const std::vector<Workload> works{kSmallGemm,
                                    Fill{a},
                                    Copy{host, a},
                                    Copy{a, b},
                                    Triad{a, b, c},
                                    Sweep{a, {MarchOp::Kind::write, 5}},
                                    Sweep{a, {MarchOp::Kind::read, 5}}};
  for (const Workload& work : works) {
    const Burst burst = prepared_on(*device, work)->run(once());
    EXPECT_EQ(burst.digest, golden({describe(work), 7}).value()) << describe(work);
    EXPECT_EQ(burst.miscompares, 0U) << describe(work);
    EXPECT_EQ(burst.cores.size(), burst.digest ? 4U : 0U) << describe(work);
    EXPECT_GT(burst.bytes, 0) << describe(work);
  }
}

TEST(SyntheticBurst, RepeatsTheDigestOfRandomOperandsPerPattern) {
  const auto device = small_device();
  Gemm gemm = kSmallGemm;
  gemm.operands = Operands::random;
  const auto prepared = prepared_on(*device, gemm);
  const auto first = prepared->run(once(1)).digest;
  ASSERT_TRUE(first);
  EXPECT_EQ(prepared->run(once(1)).digest, first);
  EXPECT_NE(prepared->run(once(2)).digest, first);
}

TEST(SyntheticBurst, SweepsHalfOfTheWordsForAnAddressBit) {
  const auto device = small_device();
  const Region region = device->allocate(4096);
  const auto write = prepared_on(*device, Sweep{region, {MarchOp::Kind::write, 5}});
  const auto read = prepared_on(*device, Sweep{region, {MarchOp::Kind::read, 5}});
  RunFor odd = once();
  odd.address_bit = 0;
  odd.half = 1;
  EXPECT_EQ(write->run(odd).bytes, 2048);
  EXPECT_EQ(read->run(odd).miscompares, 0U);
  EXPECT_GE(read->run(once()).miscompares, 1U);  // the even words were never written
}

TEST(SyntheticQuirk, SlowTakesLonger) {
  const auto device = small_device("slow=20%");
  const Burst burst = prepared_on(*device, kSmallGemm)->run({.iterations = 800});
  EXPECT_NEAR(burst.seconds(), 2e-3, 1e-8);
}

TEST(SyntheticQuirk, LateAnswersTooLate) {
  const auto device = small_device("late=10ms");
  const Burst burst = prepared_on(*device, kSmallGemm)->run(once());
  EXPECT_GE(burst.seconds(), 10e-3);
  EXPECT_LT(burst.device_s, 1e-3);
}

TEST(SyntheticQuirk, WrongResultStrikesEveryNthBurstAfterTheFirst) {
  const auto device = small_device("wrong=result every=2 after=1");
  const auto gemm = prepared_on(*device, kSmallGemm);
  for (const bool wrong : {false, true, false, true}) {
    const Burst burst = gemm->run(once());
    EXPECT_EQ(burst.miscompares, wrong ? 1U : 0U);
    EXPECT_EQ(burst.digest != small_golden(), wrong);
  }
}

TEST(SyntheticQuirk, StuckGivesTheSameWrongAnswerInEveryIteration) {
  const auto device = small_device("wrong=stuck");
  const auto gemm = prepared_on(*device, kSmallGemm);
  const Burst first = gemm->run({.iterations = 3, .pattern = 7}), second = gemm->run(once());
  EXPECT_EQ(first.miscompares, 3U);
  EXPECT_EQ(first.digest, second.digest);
  EXPECT_NE(first.digest, small_golden());
  EXPECT_EQ(first.samples.at(2).element, second.samples.at(0).element);
}

TEST(SyntheticQuirk, WrongCoreSpoilsOnlyItsOwnElements) {
  const auto device = small_device("wrong=core:2 every=1");
  const auto gemm = prepared_on(*device, kSmallGemm);
  for (int i = 0; i < 8; ++i) {
    const Burst burst = gemm->run(once());
    ASSERT_EQ(burst.samples.size(), 1U);
    EXPECT_EQ(burst.samples[0].core, 2U);
    EXPECT_EQ(burst.cores.at(2).miscompares, 1U);
  }
}

TEST(SyntheticQuirk, CountLiarHidesMiscomparesButNotTheDigest) {
  const auto device = small_device("lies=count");
  const Burst burst = prepared_on(*device, kSmallGemm)->run(once());
  EXPECT_EQ(burst.miscompares, 0U);
  EXPECT_TRUE(burst.samples.empty());
  EXPECT_NE(burst.digest, small_golden());
}

TEST(SyntheticQuirk, RateLiarClaimsTenTimesTheWork) {
  const auto device = small_device("lies=rate");
  const Burst burst = prepared_on(*device, kSmallGemm)->run({.iterations = 100});
  EXPECT_EQ(burst.iterations, 1000U);
  EXPECT_GT(burst.flops_per_second(), device->info().ceilings.at("gemm.fp32"));
}

TEST(SyntheticQuirk, SilentShowsNoDigestAndNoCores) {
  const auto device = small_device("silent wrong=stuck");
  const Burst burst = prepared_on(*device, kSmallGemm)->run(once());
  EXPECT_EQ(burst.iterations, 1U);
  EXPECT_FALSE(burst.digest);
  EXPECT_TRUE(burst.cores.empty());
  EXPECT_EQ(burst.miscompares, 0U);
}

TEST(SyntheticQuirk, ErrorThrowsInItsWorkOnly) {
  const auto device = small_device("error=gemm after=1");
  const Region region = device->allocate(64);
  const auto gemm = prepared_on(*device, kSmallGemm);
  EXPECT_EQ(gemm->run(once()).miscompares, 0U);
  EXPECT_THROW((void)gemm->run(once()), DeviceError);
  EXPECT_NO_THROW((void)prepared_on(*device, Fill{region})->run(once()));
}

TEST(SyntheticQuirkDeathTest, CrashEndsTheProcessByItsSignal) {
  const auto device = small_device("crash=KILL");
  const auto gemm = prepared_on(*device, kSmallGemm);
  EXPECT_EXIT((void)gemm->run(once()), ::testing::KilledBySignal(SIGKILL), "");
}

TEST(SyntheticQuirkDeathTest, HangNeverAnswers) {
  const auto device = small_device("hang=compute.gemm after=1");
  const auto gemm = prepared_on(*device, kSmallGemm);
  const auto hang = [&] {
    (void)gemm->run(once());
    ualarm(50000, 0);
    (void)gemm->run(once());
  };
  EXPECT_EXIT(hang(), ::testing::KilledBySignal(SIGALRM), "");
}

TEST(SyntheticBurst, RunsFromSeveralThreadsAtOnce) {
  const auto device = small_device("wrong=memory every=1");
  const Region a = device->allocate(4096), b = device->allocate(4096);
  const auto fill = prepared_on(*device, Fill{a});
  const auto copy = prepared_on(*device, Copy{a, b});
  std::thread other([&] {
    for (int i = 0; i < 50; ++i) (void)fill->run(once());
  });
  for (int i = 0; i < 50; ++i) EXPECT_EQ(copy->run(once()).miscompares, 0U);
  other.join();
}

}  // namespace
}  // namespace rackproof
