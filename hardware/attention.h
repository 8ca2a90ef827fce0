// SPDX-License-Identifier: Apache-2.0
// What a field engineer should look at first: links below their capability, latched errors, devices
// that should be there and are not, events of the kernel's log. Rules over an inventory, pure.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "hardware/inventory.h"
#include "hardware/kernel_log.h"

namespace rackproof {

struct Notice {
  std::string cause;     ///< "link.downtrained", "device.missing", "pcie.uncorrected", "gpu.xid.79"
  std::string severity;  ///< "info", "warning", "fatal"
  std::string part;      ///< "0000:1b:00.0"
  std::string text;      ///< one line for people, with the part and the bridge above in it
  std::string next_step;
};
[[nodiscard]] Json to_json(const Notice& finding);

/// Ordered by rule, then by address. A link has one finding, though each function shows it.
[[nodiscard]] std::vector<Notice> attention(const Inventory& inventory);

/// Warnings and fatal events, alike ones of one part as one finding with their count.
[[nodiscard]] std::vector<Notice> kernel_findings(const std::vector<KernelRecord>& records);

}  // namespace rackproof
