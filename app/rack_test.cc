// SPDX-License-Identifier: Apache-2.0
// Which devices are meant, and what is said when none is.
#include "app/rack.h"

#include <gtest/gtest.h>

namespace rackproof {
namespace {

Rack rack_of(const std::string& id, const std::string& kind) {
  Rack rack;
  DeviceInfo device;
  device.id = id;
  device.kind = kind;
  rack.devices = {device};
  return rack;
}

TEST(DevicesNamed, AreOfThatIdOrKindOrAll) {
  const Rack rack = rack_of("cpu:0", "cpu");
  for (const char* name : {"", "cpu", "cpu:0"}) EXPECT_EQ(devices_named(rack, name)->size(), 1u);
}

TEST(DevicesNamed, SaysWhichBackEndDidNotAnswer) {
  Rack rack = rack_of("cpu:0", "cpu");
  rack.discovery_problems = {"cuda: discovery ended by signal 11"};
  rack.absent = {"opencl: no platform"};
  EXPECT_EQ(devices_named(rack, "gpu").error().message,
            "no device or kind is named 'gpu'; `rackproof devices` lists them; problem: cuda: "
            "discovery ended by signal 11; not here: opencl: no platform");
}

}  // namespace
}  // namespace rackproof
