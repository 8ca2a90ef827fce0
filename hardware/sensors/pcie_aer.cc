// SPDX-License-Identifier: Apache-2.0
// Errors of PCIe links and functions, as the kernel's advanced error reporting counted them.
// Source: the kernel's Documentation/ABI/testing/sysfs-bus-pci-devices-aer_stats.
#include <fmt/format.h>

#include <array>

#include "hardware/sensors/file_sensors.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

std::string_view next_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

// Lines "BadTLP 3" and a last one "TOTAL_ERR_COR 3": the total is the value, the kinds that
// occurred are the detail.
void decode_kinds(const FileSensor& sensor, std::string_view text, Reading& reading) {
  bool found = false;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const std::string_view number = line.substr(std::min(line.size(), line.rfind(' ') + 1));
    if (line.starts_with("TOTAL_ERR_")) {
      found = true;
      decode_decimal(sensor, number, reading);
    } else if (number != "0" && !number.empty()) {
      reading.detail += (reading.detail.empty() ? "" : ", ") + std::string(line);
    }
  }
  if (found) return;
  reading.state = Reading::State::error;
  reading.detail = "no line TOTAL_ERR_...";
}

struct Counter {
  std::string_view file, name;
  Decode decode;
};
constexpr std::array kCounters{
    Counter{"aer_dev_correctable", "aer.corrected", decode_kinds},
    Counter{"aer_dev_nonfatal", "aer.nonfatal", decode_kinds},
    Counter{"aer_dev_fatal", "aer.fatal", decode_kinds},
    Counter{"aer_rootport_total_err_cor", "rootport.corrected", decode_decimal},
    Counter{"aer_rootport_total_err_nonfatal", "rootport.nonfatal", decode_decimal},
    Counter{"aer_rootport_total_err_fatal", "rootport.fatal", decode_decimal},
};

Listing functions(const fs::path& folder) {
  Listing listing;
  for (const std::string& bdf : listing.names_in(folder, "aer")) {
    for (const Counter& counter : kCounters) {
      const fs::path path = folder / bdf / counter.file;
      if (!offered(path)) continue;
      listing.add({.sensor = fmt::format("pcie.{}.{}", sensor_word(bdf), counter.name),
                   .path = path,
                   .counter = true,
                   .decode = counter.decode});
    }
  }
  return listing;
}

constexpr FileFamily kFamily{"aer", "sys/bus/pci/devices", "no device counts its PCIe errors",
                             functions};
[[maybe_unused]] const bool kRegistered = register_file_family<kFamily>();

}  // namespace
}  // namespace rackproof
