// SPDX-License-Identifier: Apache-2.0
#include "hardware/pci_link.h"

#include <gtest/gtest.h>

namespace rackproof {
namespace {

constexpr int kEndpoint = 0, kRootPort = 4, kUpstream = 5, kDownstream = 6, kIntegrated = 9;

PciPort port(int type, unsigned max_code, unsigned max_width, int code = 0, int width = 0) {
  return {static_cast<std::uint16_t>(2 | type << 4), max_code | max_width << 4,
          static_cast<std::uint16_t>(code | width << 4)};
}

TEST(PciLink, SpeedCodesAreTheSpecifications) {
  EXPECT_EQ(gts_of_code(0), 0);
  EXPECT_EQ(gts_of_code(1), 2.5);
  EXPECT_EQ(gts_of_code(5), 32);
  EXPECT_EQ(gts_of_code(6), 64);
  EXPECT_EQ(gts_of_code(7), 0);
  EXPECT_EQ(gts_of_code(15), 0);
}

TEST(PciLink, FullSpeedIsNotDowntrained) {
  const PciPort root = port(kRootPort, 5, 16);
  const PciLink link = link_between(port(kEndpoint, 5, 16, 5, 16), &root);
  EXPECT_FALSE(link.downtrained());
  EXPECT_EQ(link.speed_gts, 32);
  EXPECT_EQ(link.max_width, 16);
}

TEST(PciLink, FewerLanesThanBothEndsCanIsDowntrained) {
  const PciPort root = port(kRootPort, 5, 16);
  EXPECT_TRUE(link_between(port(kEndpoint, 5, 16, 5, 8), &root).downtrained());
}

TEST(PciLink, LessSpeedThanBothEndsCanIsDowntrained) {
  const PciPort root = port(kRootPort, 5, 16);
  EXPECT_TRUE(link_between(port(kUpstream, 5, 16, 4, 16), &root).downtrained());
}

TEST(PciLink, ANarrowBridgeIsNoFaultOfTheLink) {
  const PciPort narrow = port(kDownstream, 4, 8);
  const PciLink link = link_between(port(kEndpoint, 5, 16, 4, 8), &narrow);
  EXPECT_FALSE(link.downtrained());
  EXPECT_EQ(link.max_speed_gts, 16);
  EXPECT_EQ(link.max_width, 8);
  EXPECT_EQ(link.device_speed_gts, 32);
  EXPECT_EQ(link.device_width, 16);
}

TEST(PciLink, BelowANarrowBridgeLessStillIsDowntrained) {
  const PciPort narrow = port(kDownstream, 4, 8);
  EXPECT_TRUE(link_between(port(kEndpoint, 5, 16, 4, 4), &narrow).downtrained());
}

TEST(PciLink, WithoutAVisiblePortOnlyAFullLinkIsKnown) {
  const PciLink full = link_between(port(kEndpoint, 4, 16, 4, 16), nullptr);
  EXPECT_FALSE(cannot_be_judged(full));
  EXPECT_EQ(full.max_width, 16);
  const PciLink less = link_between(port(kEndpoint, 4, 16, 4, 8), nullptr);
  EXPECT_TRUE(cannot_be_judged(less));
  EXPECT_FALSE(less.downtrained());
}

TEST(PciLink, WhatHasNoLinkIsNeverDowntrained) {
  const PciPort root = port(kRootPort, 5, 16);
  const PciPort none[] = {
      port(kIntegrated, 5, 16, 1, 1),  // inside the root complex
      port(kEndpoint, 5, 16, 0, 0),    // a virtual function: a capability without a state
      port(kEndpoint, 0, 0, 1, 1),     // an emulated device: a state without a capability
      port(kRootPort, 5, 16, 1, 1),    // the upper end: its link is listed with the lower end
  };
  for (const PciPort& device : none) {
    const PciLink link = link_between(device, &root);
    EXPECT_FALSE(link.downtrained());
    EXPECT_FALSE(cannot_be_judged(link));
    EXPECT_EQ(link.width, 0);
  }
}

}  // namespace
}  // namespace rackproof
