// SPDX-License-Identifier: Apache-2.0
// For tests: writes `lspci -xxxx` text from the few registers that matter to the inventory.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

namespace rackproof {

/// One device's configuration space, as real registers at their real places.
class ConfigSpace {
 public:
  ConfigSpace(std::string bdf, std::uint16_t vendor, std::uint16_t device, std::uint16_t class_id,
              std::size_t size_bytes = 4096)
      : bdf_(std::move(bdf)), bytes_(size_bytes, 0) {
    put16(0x00, vendor);
    put16(0x02, device);
    put16(0x0a, class_id);
  }

  ConfigSpace& bridge(std::uint8_t primary, std::uint8_t secondary, std::uint8_t subordinate) {
    bytes_[0x0e] = 1;
    bytes_[0x18] = primary;
    bytes_[0x19] = secondary;
    bytes_[0x1a] = subordinate;
    return *this;
  }
  /// PCI Express capability at 0x40; `type` 0 endpoint, 4 root port, 5 and 6 switch ports.
  ConfigSpace& express(int type, int max_code, int max_width, int code, int width) {
    bytes_[0x06] = 0x10;  // status: there is a capability list
    bytes_[0x34] = 0x40;
    bytes_[0x40] = 0x10;
    put16(0x42, static_cast<std::uint16_t>(2 | type << 4));
    put16(0x4c, static_cast<std::uint16_t>(max_code | max_width << 4));
    put16(0x52, static_cast<std::uint16_t>(code | width << 4));
    return *this;
  }
  /// Data link layer active, and able to tell.
  ConfigSpace& link_up() {
    bytes_[0x4e] |= 0x10;
    bytes_[0x53] |= 0x20;
    return *this;
  }
  /// A slot that senses cards, on a port that can tell of its link.
  ConfigSpace& slot(int number, bool occupied) {
    bytes_[0x43] |= 0x01;
    bytes_[0x4e] |= 0x10;
    put32(0x54, static_cast<std::uint32_t>(number) << 19);
    put16(0x5a, occupied ? 0x40 : 0);
    return *this;
  }
  /// Advanced Error Reporting at 0x100, the only extended capability.
  ConfigSpace& aer(std::uint32_t corrected, std::uint32_t uncorrected) {
    put32(0x100, 0x00020001);
    put32(0x104, uncorrected);
    put32(0x110, corrected);
    return *this;
  }

  [[nodiscard]] std::string text() const {
    std::string out = bdf_ + " device: in a test\n";
    for (std::size_t row = 0; row < bytes_.size(); row += 16) {
      out += fmt::format("{:02x}:", row);
      for (std::size_t i = row; i < row + 16; ++i) out += fmt::format(" {:02x}", bytes_[i]);
      out += '\n';
    }
    return out + '\n';
  }

 private:
  void put16(std::size_t at, std::uint16_t value) {
    bytes_[at] = static_cast<std::uint8_t>(value);
    bytes_[at + 1] = static_cast<std::uint8_t>(value >> 8);
  }
  void put32(std::size_t at, std::uint32_t value) {
    put16(at, static_cast<std::uint16_t>(value));
    put16(at + 2, static_cast<std::uint16_t>(value >> 16));
  }

  std::string bdf_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace rackproof
