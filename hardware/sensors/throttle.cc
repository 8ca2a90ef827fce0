// SPDX-License-Identifier: Apache-2.0
// How often and how long each core and each package was slowed down for its heat (Intel).
// Source: the kernel's Documentation/admin-guide/thermal/intel_thermal_throttle.rst and
// drivers/thermal/intel/therm_throt.c: all threads of a core, and all CPUs of a package, count the
// same events, so one of them is read.
#include <fmt/format.h>

#include <array>
#include <set>

#include "hardware/sensors/file_sensors.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

struct Counter {
  std::string_view file, name;
  Unit unit = Unit::count;
  double scale = 1;
};
constexpr std::array kOfCore{
    Counter{"core_throttle_count", "count"},
    Counter{"core_throttle_total_time_ms", "time", Unit::second, 1e-3},
};
constexpr std::array kOfPackage{
    Counter{"package_throttle_count", "count"},
    Counter{"package_throttle_total_time_ms", "time", Unit::second, 1e-3},
    Counter{"package_power_limit_count", "power_limit"},
};

template <std::size_t n>
void add(Listing& listing, const fs::path& cpu, const std::array<Counter, n>& counters,
         const std::string& part) {
  for (const Counter& counter : counters) {
    const fs::path path = cpu / "thermal_throttle" / counter.file;
    if (!offered(path)) continue;
    listing.add({.sensor = fmt::format("throttle.{}.{}", part, counter.name),
                 .unit = counter.unit,
                 .path = path,
                 .scale = counter.scale,
                 .counter = true});
  }
}

// All threads of one core give the same text; kernels before 5.2 have the second name only.
std::string core_of(const fs::path& cpu) {
  const std::string threads = first_line(cpu / "topology/core_cpus_list");
  if (!threads.empty()) return threads;
  return first_line(cpu / "topology/thread_siblings_list");
}

// A package of several dies counts for each die.
std::string package_of(const fs::path& cpu) {
  const auto package = parse_integer(first_line(cpu / "topology/physical_package_id"));
  const auto die = parse_integer(first_line(cpu / "topology/die_id")).value_or(0);
  if (!package || *package < 0) return {};
  return die > 0 ? fmt::format("package{}-die{}", *package, die)
                 : fmt::format("package{}", *package);
}

Listing throttles(const fs::path& folder) {
  Listing listing;
  std::set<std::string> cores, packages;
  for (const auto& [number, cpu] : listing.numbered_in(folder, "cpu", "throttle")) {
    if (!offered(cpu / "thermal_throttle")) continue;
    const std::string core = core_of(cpu), package = package_of(cpu);
    const bool another = core.empty() || cores.insert(core).second;
    if (another) add(listing, cpu, kOfCore, fmt::format("cpu{}", number));
    if (!package.empty() && packages.insert(package).second) {
      add(listing, cpu, kOfPackage, package);
    }
  }
  return listing;
}

constexpr FileFamily kFamily{"throttle", "sys/devices/system/cpu", "no CPU has thermal_throttle",
                             throttles};
[[maybe_unused]] const bool kRegistered = register_file_family<kFamily>();

}  // namespace
}  // namespace rackproof
