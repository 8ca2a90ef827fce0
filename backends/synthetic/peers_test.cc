// SPDX-License-Identifier: Apache-2.0
// Copies between two synthetic devices, collectives, and what is wrong with single links.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "backends/synthetic/device_on_test.h"
#include "backends/synthetic/work.h"
#include "core/collective.h"

namespace rackproof {
namespace {

using Devices = std::vector<std::unique_ptr<Device>>;

Devices node_of(const std::string& statements = {}) {
  const std::string rack =
      "rack devices=4 memory=1MiB cores=4 spread=0% bandwidth=8GB/s peer_link=2GB/s";
  return discover_synthetic(rack + (statements.empty() ? "" : "; " + statements)).value();
}

// What device `to` fetches from device `from`.
std::unique_ptr<Prepared> fetch(Devices& devices, std::size_t from, std::size_t to,
                                std::uint64_t bytes = 4096) {
  return prepared_on(*devices[to],
                     Copy{devices[from]->allocate(bytes), devices[to]->allocate(bytes)});
}

Reduce all_reduce(Device& first, std::uint32_t rank = 0) {
  return {.type = DType::fp32,
          .kind = Collective::all_reduce,
          .size_bytes = 96,
          .rank = rank,
          .ranks = 3,
          .id = std::get<std::string>(first.collective_id())};
}

TEST(SyntheticPeers, CopyArrivesAtTheGoldenWithTheSpeedOfTheLink) {
  auto devices = node_of();
  const Burst burst = fetch(devices, 0, 1, 200000)->run(once());
  EXPECT_EQ(burst.miscompares, 0U);
  EXPECT_EQ(burst.digest, **golden({"copy 200000", 7}));
  EXPECT_NEAR(burst.seconds(), 200000 / 2e9 + kPeerLatency_s, 1e-6);
}

TEST(SyntheticPeers, CopyCarriesWhatTheOtherDevicesMemoryLost) {
  auto devices = node_of();
  const auto work = fetch(devices, 0, 1);
  const auto fault = work->arm({.id = 1, .site = FaultSite::transfer, .element = 5, .mask = 4});
  ASSERT_NE(fault, nullptr);
  const Burst burst = work->run(once());
  ASSERT_EQ(burst.samples.size(), 1U);
  EXPECT_EQ(burst.samples[0].element, 5U);
}

TEST(SyntheticPeers, AWrongLinkIsWrongInOneDirectionFromOneDevice) {
  auto devices = node_of("n0-d2 link_wrong=d1");
  EXPECT_EQ(fetch(devices, 1, 2)->run(once()).miscompares, 1U);
  EXPECT_EQ(fetch(devices, 2, 1)->run(once()).miscompares, 0U);
  EXPECT_EQ(fetch(devices, 0, 2)->run(once()).miscompares, 0U);
}

TEST(SyntheticPeers, ASlowLinkIsSlowInOneDirectionFromOneDevice) {
  auto devices = node_of("n0-d2 link_slow=d1:75%");
  const auto seconds = [&](std::size_t from, std::size_t to) {
    return fetch(devices, from, to)->run(once()).device_s;
  };
  EXPECT_DOUBLE_EQ(seconds(1, 2), 4 * seconds(2, 1));
  EXPECT_DOUBLE_EQ(seconds(0, 2), seconds(2, 1));
}

TEST(SyntheticPeers, AHangingLinkNeverAnswers) {
  auto devices = node_of("n0-d2 link_hang=d1 after=1");
  EXPECT_EQ(fetch(devices, 0, 2)->run(once()).miscompares, 0U);  // another link
  const auto work = fetch(devices, 1, 2);
  EXPECT_EQ(work->run(once()).miscompares, 0U);  // the first chance goes well
  EXPECT_EXIT(
      {
        alarm(1);
        (void)work->run(once());
      },
      ::testing::KilledBySignal(SIGALRM), "");
}

TEST(SyntheticPeers, CopyBelongsToTheDeviceThatItArrivesAt) {
  auto devices = node_of();
  const Region here = devices[0]->allocate(64), there = devices[1]->allocate(64);
  EXPECT_THROW((void)devices[0]->prepare(Copy{here, there}), DeviceError);
  const auto others = discover_synthetic("rack nodes=2 devices=1").value();
  const Region away = others[1]->allocate(64), near = others[0]->allocate(64);
  EXPECT_THROW((void)others[0]->prepare(Copy{away, near}), DeviceError);
}

TEST(SyntheticPeers, CollectiveArrivesAtTheGoldenOfItsRank) {
  auto devices = node_of();
  for (std::uint32_t rank = 0; rank < 3; ++rank) {
    const Reduce shape = all_reduce(*devices[0], rank);
    const Burst burst = prepared_on(*devices[rank], shape)->run(once());
    EXPECT_EQ(burst.miscompares, 0U);
    EXPECT_EQ(burst.digest, **golden({describe(shape), 7}));
    EXPECT_EQ(burst.bytes, 96);
  }
}

TEST(SyntheticPeers, CollectiveSuffersFromTheLinksOfItsDevice) {
  auto devices = node_of("n0-d2 link_wrong=d1");
  const Burst burst = prepared_on(*devices[2], all_reduce(*devices[0], 2))->run(once());
  ASSERT_EQ(burst.samples.size(), 1U);
  EXPECT_EQ(burst.samples[0].expected,
            collective_expected(all_reduce(*devices[0], 2), 7, burst.samples[0].element));
  EXPECT_LT(burst.samples[0].got, 1ULL << 32);
  EXPECT_EQ(prepared_on(*devices[1], all_reduce(*devices[0], 1))->run(once()).miscompares, 0U);
}

TEST(SyntheticPeers, CollectiveNeedsAnIdAndAShape) {
  auto devices = node_of("n0-d1 unsupported=bf16");
  Reduce shape = all_reduce(*devices[0]);
  shape.ranks = 1;
  EXPECT_EQ(std::get<Unsupported>(devices[0]->prepare(shape)).reason,
            "n0-d0 does not support a collective of 1 ranks: 2 ... 65536");
  shape = all_reduce(*devices[0]);
  shape.type = DType::bf16;
  EXPECT_EQ(std::get<Unsupported>(devices[1]->prepare(shape)).reason,
            "n0-d1 does not support all_reduce of bf16");
  shape = all_reduce(*devices[0]);
  shape.id.clear();
  EXPECT_THROW((void)devices[0]->prepare(shape), DeviceError);
}

}  // namespace
}  // namespace rackproof
