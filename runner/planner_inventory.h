// SPDX-License-Identifier: Apache-2.0
// What the profile says must be there against what is there: missing, extra and wrong parts by
// name.
#pragma once

#include <string>
#include <vector>

#include "core/plan.h"
#include "profiles/profile.h"
#include "runner/planner.h"

namespace rackproof {

/// Every check of the profile's hardware, met or not, in a fixed order.
[[nodiscard]] std::vector<InventoryCheck> check_inventory(const Profile& profile, const Rack& rack);

/// No device may stand for two.
[[nodiscard]] InventoryCheck check_distinct(const std::vector<DeviceInfo>& devices);

/// The profile's entry that a device counts for: its kind's only one, or the first whose name and
/// PCI id it has; null: none.
[[nodiscard]] const ExpectedDevices* entry_for(const Profile& profile, const Rack& rack,
                                               const DeviceInfo& device);

/// Whether the device has the name and PCI id that the entry asks for (both met when it asks for
/// none).
[[nodiscard]] bool is_the_part(const ExpectedDevices& entry, const Rack& rack,
                               const DeviceInfo& device);

/// The distinct nodes of these devices, sorted; the host's is "".
[[nodiscard]] std::vector<std::string> nodes_of(const std::vector<const DeviceInfo*>& devices);

/// The devices whose kind the profile's hardware names, or, where it names none, its steps.
[[nodiscard]] std::vector<const DeviceInfo*> devices_for(const Profile& profile, const Rack& rack);

}  // namespace rackproof
