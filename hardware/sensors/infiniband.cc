// SPDX-License-Identifier: Apache-2.0
// Errors that the ports of InfiniBand and RoCE adapters counted. They do not wrap: at its greatest
// value a counter stays, and can show nothing more.
// Source: the kernel's Documentation/ABI/stable/sysfs-class-infiniband; widths from
// drivers/infiniband/core/sysfs.c (PORT_PMA_ATTR).
#include <fmt/format.h>

#include <array>

#include "hardware/sensors/file_sensors.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

struct Counter {
  std::string_view name;
  unsigned bits;
};
constexpr std::array kCounters{
    Counter{"symbol_error", 16},
    Counter{"link_error_recovery", 8},
    Counter{"link_downed", 8},
    Counter{"port_rcv_errors", 16},
    Counter{"port_rcv_remote_physical_errors", 16},
    Counter{"port_rcv_switch_relay_errors", 16},
    Counter{"port_xmit_discards", 16},
    Counter{"port_xmit_constraint_errors", 8},
    Counter{"port_rcv_constraint_errors", 8},
    Counter{"local_link_integrity_errors", 4},
    Counter{"excessive_buffer_overrun_errors", 4},
    Counter{"VL15_dropped", 16},
};

void add_port(Listing& listing, const fs::path& folder, const std::string& part) {
  for (const Counter& counter : kCounters) {
    const fs::path path = folder / "counters" / counter.name;
    if (!offered(path)) continue;
    listing.add({.sensor = fmt::format("ib.{}.{}", part, counter.name),
                 .path = path,
                 .most = (std::int64_t{1} << counter.bits) - 1,
                 .counter = true});
  }
}

Listing ports(const fs::path& folder) {
  Listing listing;
  for (const std::string& adapter : listing.names_in(folder, "infiniband")) {
    const std::string word = sensor_word(adapter);
    for (const auto& [number, port] :
         listing.numbered_in(folder / adapter / "ports", "", "ib." + word)) {
      add_port(listing, port, fmt::format("{}.port{}", word, number));
    }
  }
  return listing;
}

constexpr FileFamily kFamily{"infiniband", "sys/class/infiniband", "no port of an adapter", ports};
[[maybe_unused]] const bool kRegistered = register_file_family<kFamily>();

}  // namespace
}  // namespace rackproof
