// SPDX-License-Identifier: Apache-2.0
#include "runner/discovery.h"

#include <gmock/gmock.h>

namespace rackproof {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Discovered found(const DiscoveryRequest& request) {
  auto discovered = discover(request);
  EXPECT_TRUE(discovered.has_value()) << (discovered ? "" : discovered.error().text());
  return discovered ? *std::move(discovered) : Discovered{};
}

TEST(Discovery, FindsDevicesWithAllTheySay) {
  const Discovered rack = found({.only = {"fake"}});
  ASSERT_EQ(rack.devices.size(), 2u);
  EXPECT_EQ(rack.devices[0].id, "fake:0");
  EXPECT_EQ(rack.devices[1].ceilings.at("memory"), 1.5e12);
  EXPECT_TRUE(rack.problems.empty());
}

TEST(Discovery, EndsAtOnceWhenItIsStopped) {
  const std::atomic<bool> stop = true;
  const auto stopped = discover({.only = {"fake_hang"}, .deadline_s = 3600, .stop = &stop});
  ASSERT_FALSE(stopped.has_value());
  EXPECT_THAT(stopped.error().text(), HasSubstr("stopped by the operator while looking"));
}

TEST(Discovery, LosesOnlyTheBackEndsThatFail) {
  const Discovered rack =
      found({.only = {"fake", "fake_crash", "fake_garbage", "fake_hang", "fake_throw"},
             .deadline_s = 1.5});
  EXPECT_EQ(rack.devices.size(), 2u);
  EXPECT_THAT(
      rack.problems,
      ElementsAre(
          HasSubstr(
              "fake_crash: discovery ended by signal 11 (SIGSEGV); stderr: driver: assertion"),
          HasSubstr("fake_garbage: discovery broke the protocol"),
          HasSubstr("fake_hang: discovery gave no answer within 1.5 s"),
          HasSubstr("fake_throw: fakeInit(): no such driver")));
}

TEST(Discovery, RefusesASpecThatTheBackEndCannotRead) {
  const auto refused = discover({.specs = {{"fake", "nonsense"}}, .only = {"fake"}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().text(),
              HasSubstr("fake: expected a number of devices, found 'nonsense'"));
}

TEST(Discovery, RefusesAnUnknownBackEndWithTheNearest) {
  const auto refused = discover({.only = {"fake_crush"}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().text(), HasSubstr("did you mean 'fake_crash'?"));
}

}  // namespace
}  // namespace rackproof
