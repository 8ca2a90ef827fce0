// SPDX-License-Identifier: Apache-2.0
#include "hardware/pci_link.h"

#include <algorithm>
#include <array>

extern "C" {
#include <pci/pci.h>
}

namespace rackproof {
namespace {

int port_type(const PciPort& port) { return (port.flags & PCI_EXP_FLAGS_TYPE) >> 4; }

double max_speed(const PciPort& port) {
  return gts_of_code(port.capability & PCI_EXP_LNKCAP_SPEED);
}
int max_width(const PciPort& port) {
  return static_cast<int>((port.capability & PCI_EXP_LNKCAP_WIDTH) >> 4);
}
double speed(const PciPort& port) { return gts_of_code(port.status & PCI_EXP_LNKSTA_SPEED); }
int width(const PciPort& port) { return (port.status & PCI_EXP_LNKSTA_WIDTH) >> 4; }

}  // namespace

bool PciPort::is_upper_end() const {
  const int type = port_type(*this);
  return type == PCI_EXP_TYPE_ROOT_PORT || type == PCI_EXP_TYPE_DOWNSTREAM ||
         type == PCI_EXP_TYPE_PCIE_BRIDGE;
}

bool PciPort::is_lower_end() const {
  const int type = port_type(*this);
  return type == PCI_EXP_TYPE_ENDPOINT || type == PCI_EXP_TYPE_LEG_END ||
         type == PCI_EXP_TYPE_UPSTREAM || type == PCI_EXP_TYPE_PCI_BRIDGE;
}

bool PciPort::partner_connected() const {
  return (capability & PCI_EXP_LNKCAP_DLLA) != 0 && (status & PCI_EXP_LNKSTA_DL_ACT) != 0;
}

double gts_of_code(unsigned code) {
  constexpr std::array kSpeeds{0.0, 2.5, 5.0, 8.0, 16.0, 32.0, 64.0};
  return code < kSpeeds.size() ? kSpeeds[code] : 0;
}

PciLink link_between(const PciPort& device, const PciPort* upper) {
  PciLink link{.device_speed_gts = max_speed(device), .device_width = max_width(device)};
  // Virtual functions and emulated devices have a capability but no state: no link to judge.
  if (!device.is_lower_end() || speed(device) == 0 || width(device) == 0) return link;
  if (link.device_speed_gts == 0 || link.device_width == 0) return link;
  link.speed_gts = speed(device);
  link.width = width(device);
  if (upper != nullptr && upper->is_upper_end() && max_speed(*upper) > 0 && max_width(*upper) > 0) {
    link.max_speed_gts = std::min(link.device_speed_gts, max_speed(*upper));
    link.max_width = std::min(link.device_width, max_width(*upper));
  } else if (link.speed_gts >= link.device_speed_gts && link.width >= link.device_width) {
    link.max_speed_gts = link.device_speed_gts;
    link.max_width = link.device_width;
  }
  return link;
}

PciBridge bridge_of(const PciPort& port) {
  PciBridge bridge;
  if (!port.is_upper_end()) return bridge;
  bridge.is_port = true;
  bridge.max_speed_gts = max_speed(port);
  bridge.max_width = max_width(port);
  if ((port.capability & PCI_EXP_LNKCAP_DLLA) != 0) bridge.link_up = port.partner_connected();
  if ((port.flags & PCI_EXP_FLAGS_SLOT) == 0) return bridge;
  bridge.slot = static_cast<int>((port.slot_capability & PCI_EXP_SLTCAP_PSN) >> 19);
  bridge.occupied = (port.slot_status & PCI_EXP_SLTSTA_PRES) != 0 ? 1 : 0;
  return bridge;
}

bool cannot_be_judged(const PciLink& link) { return link.width > 0 && link.max_width == 0; }

}  // namespace rackproof
