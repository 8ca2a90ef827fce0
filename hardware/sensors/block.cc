// SPDX-License-Identifier: Apache-2.0
// Errors of SCSI and SATA drives, and of the members of software RAID arrays.
// Source: the kernel's drivers/scsi/scsi_sysfs.c (hexadecimal counters) and
// Documentation/admin-guide/md.rst.
#include <fmt/format.h>

#include "hardware/sensors/file_sensors.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

void add_if_offered(Listing& listing, FileSensor sensor) {
  if (offered(sensor.path)) listing.add(std::move(sensor));
}

void add_drive(Listing& listing, const fs::path& drive, const std::string& part) {
  for (const char* counter : {"ioerr", "iotmo"}) {
    add_if_offered(listing, {.sensor = fmt::format("block.{}.{}", part, counter),
                             .path = drive / "device" / fmt::format("{}_cnt", counter),
                             .counter = true,
                             .label = first_line(drive / "device/model"),
                             .decode = decode_hex});
  }
}

void add_array(Listing& listing, const fs::path& array, const std::string& part) {
  const std::string level = first_line(array / "level");
  add_if_offered(listing, {.sensor = fmt::format("md.{}.mismatches", part),
                           .path = array / "mismatch_cnt",
                           .counter = true,
                           .label = level});
  add_if_offered(
      listing,
      {.sensor = fmt::format("md.{}.missing", part), .path = array / "degraded", .label = level});
  for (const auto& [slot, member] : listing.numbered_in(array, "rd", "md." + part)) {
    add_if_offered(listing, {.sensor = fmt::format("md.{}.rd{}.errors", part, slot),
                             .path = member / "errors",
                             .counter = true,
                             .label = level});
  }
}

Listing drives(const fs::path& folder) {
  Listing listing;
  for (const std::string& name : listing.names_in(folder, "block")) {
    const std::string part = sensor_word(name);
    add_drive(listing, folder / name, part);
    if (offered(folder / name / "md")) add_array(listing, folder / name / "md", part);
  }
  return listing;
}

constexpr FileFamily kFamily{"block", "sys/block", "no drive or array that counts its errors",
                             drives};
[[maybe_unused]] const bool kRegistered = register_file_family<kFamily>();

}  // namespace
}  // namespace rackproof
