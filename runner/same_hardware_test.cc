// SPDX-License-Identifier: Apache-2.0
#include "runner/same_hardware.h"

#include <gmock/gmock.h>

namespace rackproof {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Rack rack() {
  Rack rack;
  rack.host.kernel = "6.1";
  rack.host.dmi["board_serial"] = "B1";
  rack.host.pci.push_back({.bdf = "0000:1b:00.0", .vendor_id = "10de", .device_id = "2335"});
  DeviceInfo device;
  device.id = "gpu:0";
  device.name = "X";
  device.serial = "S1";
  rack.devices.push_back(device);
  return rack;
}

TEST(Differences, AreNoneOfTheSameHardwareAfterAReboot) {
  Rack now = rack();
  now.host.boot_id = "another";
  now.devices[0].allocatable_bytes = 7;  // changes by itself
  EXPECT_THAT(differences(rack(), now), IsEmpty());
}

TEST(Differences, NameADeviceThatIsGoneAndOneThatIsNew) {
  Rack now = rack();
  now.devices[0].id = "gpu:1";
  EXPECT_THAT(
      differences(rack(), now),
      ElementsAre("device gpu:0 is gone (was X serial 'S1' uuid '' at '', 0 bytes, 0 cores)",
                  "device gpu:1 is new (X serial 'S1' uuid '' at '', 0 bytes, 0 cores)"));
}

TEST(Differences, NameAnExchangedPart) {
  Rack now = rack();
  now.host.dmi["board_serial"] = "B2";
  now.host.pci[0].link.width = 8;
  EXPECT_THAT(differences(rack(), now),
              ElementsAre("DMI board_serial was B1, is B2",
                          "PCI 0000:1b:00.0 was 10de:2335  x0, is 10de:2335  x8"));
}

}  // namespace
}  // namespace rackproof
