// SPDX-License-Identifier: Apache-2.0
// Errors that memory controllers corrected or could not correct, in all and for each DIMM or rank.
// Source: the kernel's Documentation/ABI/testing/sysfs-devices-edac.
#include <fmt/format.h>

#include <array>

#include "hardware/sensors/file_sensors.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

struct Counter {
  std::string_view file, name;
};
constexpr std::array kOfController{
    Counter{"ce_count", "ce"},
    Counter{"ue_count", "ue"},
    Counter{"ce_noinfo_count", "ce_noinfo"},
    Counter{"ue_noinfo_count", "ue_noinfo"},
};
constexpr std::array kOfDimm{Counter{"dimm_ce_count", "ce"}, Counter{"dimm_ue_count", "ue"}};

template <std::size_t n>
void add(Listing& listing, const fs::path& folder, const std::array<Counter, n>& counters,
         const std::string& part, const std::string& label) {
  for (const Counter& counter : counters) {
    if (!offered(folder / counter.file)) continue;
    listing.add({.sensor = fmt::format("edac.{}.{}", part, counter.name),
                 .path = folder / counter.file,
                 .counter = true,
                 .label = label});
  }
}

// "CPU_SrcID#0_MC#0_Chan#0_DIMM#0, channel 0 slot 0": what the board and the controller call it.
std::string label_of(const fs::path& dimm) {
  const std::string label = first_line(dimm / "dimm_label"),
                    location = first_line(dimm / "dimm_location");
  return label + (label.empty() || location.empty() ? "" : ", ") + location;
}

Listing controllers(const fs::path& folder) {
  Listing listing;
  for (const auto& [number, controller] : listing.numbered_in(folder, "mc", "edac")) {
    const std::string part = fmt::format("mc{}", number);
    add(listing, controller, kOfController, part, first_line(controller / "mc_name"));
    for (const char* kind : {"dimm", "rank"}) {
      for (const auto& [slot, dimm] : listing.numbered_in(controller, kind, "edac." + part)) {
        add(listing, dimm, kOfDimm, fmt::format("{}.{}{}", part, kind, slot), label_of(dimm));
      }
    }
  }
  return listing;
}

constexpr FileFamily kFamily{"edac", "sys/devices/system/edac/mc",
                             "no memory controller's driver is loaded", controllers};
[[maybe_unused]] const bool kRegistered = register_file_family<kFamily>();

}  // namespace
}  // namespace rackproof
