// SPDX-License-Identifier: Apache-2.0
// Errors that network interfaces with hardware behind them counted.
// Source: the kernel's Documentation/ABI/testing/sysfs-class-net-statistics and sysfs-class-net.
#include <fmt/format.h>

#include <array>

#include "hardware/sensors/file_sensors.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 12> kStatistics{
    "rx_errors",         "rx_crc_errors",     "rx_frame_errors",  "rx_length_errors",
    "rx_over_errors",    "rx_fifo_errors",    "rx_missed_errors", "tx_errors",
    "tx_aborted_errors", "tx_carrier_errors", "tx_fifo_errors",   "tx_heartbeat_errors"};

void add(Listing& listing, const std::string& interface, const fs::path& file,
         const std::string& label) {
  if (!offered(file)) return;
  listing.add({.sensor = fmt::format("nic.{}.{}", sensor_word(interface), file.filename().string()),
               .path = file,
               .counter = true,
               .label = label});
}

Listing interfaces(const fs::path& folder) {
  Listing listing;
  for (const std::string& name : listing.names_in(folder, "nic")) {
    std::error_code none;
    const fs::path device = fs::read_symlink(folder / name / "device", none);
    if (none) continue;  // loopback, bridges, tunnels: nothing of theirs can break
    const std::string label = "at " + device.filename().string();
    for (const std::string_view statistic : kStatistics) {
      add(listing, name, folder / name / "statistics" / statistic, label);
    }
    add(listing, name, folder / name / "carrier_changes", label);
  }
  return listing;
}

constexpr FileFamily kFamily{"nic", "sys/class/net", "no network interface with a device",
                             interfaces};
[[maybe_unused]] const bool kRegistered = register_file_family<kFamily>();

}  // namespace
}  // namespace rackproof
