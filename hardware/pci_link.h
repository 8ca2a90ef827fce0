// SPDX-License-Identifier: Apache-2.0
// A PCI Express link from what its two ends say: what it runs at, and what it could run at.
#pragma once

#include <cstdint>

#include "hardware/inventory.h"

namespace rackproof {

/// One end's registers: PCI Express Capabilities, Link Capabilities, Link Status (PCI Express Base
/// Specification, section 7.5.3); Slot Capabilities and Status.
struct PciPort {
  std::uint16_t flags = 0;
  std::uint32_t capability = 0;
  std::uint16_t status = 0;
  std::uint32_t slot_capability = 0;
  std::uint16_t slot_status = 0;

  /// It is the upper end of a link: root port, downstream switch port, bridge to PCI Express.
  [[nodiscard]] bool is_upper_end() const;
  /// It is the lower end of a link: endpoint, upstream switch port, bridge from PCI Express.
  [[nodiscard]] bool is_lower_end() const;
  /// Its data link layer says that a partner is connected; false where it does not tell.
  [[nodiscard]] bool partner_connected() const;
};

/// Speed of a link speed code in GT/s; 0: no such code.
[[nodiscard]] double gts_of_code(unsigned code);

/// The link above `device`. `upper` is its other end, null when that cannot be read: then the
/// link's capability is known only if it already runs at all that the device can do.
[[nodiscard]] PciLink link_between(const PciPort& device, const PciPort* upper);

/// The lower side of a port; `is_port` is false for a port that is no upper end.
[[nodiscard]] PciBridge bridge_of(const PciPort& port);

/// The link runs below the device's own capability, but nobody can say what the other end could do.
[[nodiscard]] bool cannot_be_judged(const PciLink& link);

}  // namespace rackproof
