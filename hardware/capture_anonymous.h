// SPDX-License-Identifier: Apache-2.0
// Takes serial numbers, MAC addresses and host names out of a capture: each becomes a hash that is
// the same wherever it stood, and in every later capture of the same machine.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "hardware/inventory.h"

namespace rackproof {

class Anonymous {
 public:
  /// Collects what identifies the machine that `inventory` shows.
  explicit Anonymous(const Inventory& inventory);

  /// "anon-3f9a1c0b72de" for a name or number; one that identifies nobody ("None") stays.
  [[nodiscard]] static std::string name(std::string_view secret);
  /// All that is known to identify, every MAC address and GUID, replaced in `bytes`.
  [[nodiscard]] std::string text(std::string bytes) const;
  /// As text(); a file that is one secret as a whole, such as product_serial, is replaced as one.
  [[nodiscard]] std::string file(std::string_view path, std::string bytes) const;
  /// As text(), with the values of hwloc's own words for serial numbers.
  [[nodiscard]] std::string xml(std::string bytes) const;

 private:
  std::set<std::string> secrets_;
};

/// Eight bytes of a device's serial number, as they stand in its configuration space, hashed.
void hash_serial(std::uint8_t* bytes);

}  // namespace rackproof
