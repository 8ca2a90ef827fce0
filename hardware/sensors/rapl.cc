// SPDX-License-Identifier: Apache-2.0
// Energy and power of packages, cores, memory and the platform, as Intel's and AMD's processors
// meter them. Source: the kernel's Documentation/power/powercap/powercap.rst.
#include <fmt/format.h>

#include <chrono>
#include <map>
#include <optional>
#include <set>

#include "hardware/sensors/energy_meter.h"
#include "hardware/sensors/file_sensors.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

constexpr double kJoulesPerMicrojoule = 1e-6;
constexpr std::string_view kEnergy = ".energy";

// "intel-rapl:0:1" is the second part of the first zone of the control type "intel-rapl".
struct ZoneName {
  std::string type;
  std::vector<std::string> path;
};
std::optional<ZoneName> zone_name(std::string_view folder) {
  if (folder.find("rapl") == std::string_view::npos) return {};
  ZoneName name;
  for (std::size_t at = 0; at <= folder.size();) {
    const std::size_t end = std::min(folder.find(':', at), folder.size());
    name.path.emplace_back(folder.substr(at, end - at));
    at = end + 1;
  }
  name.type = name.path.front();
  name.path.erase(name.path.begin());
  if (name.path.empty()) return {};
  return name;
}

// "package-0.dram": the names of the zone and of those that it is part of. Another way to the same
// meters, as "intel-rapl-mmio", keeps its own type in front.
std::string part_of(const fs::path& folder, const ZoneName& zone) {
  std::string part = zone.type == "intel-rapl" ? "" : sensor_word(zone.type) + ".";
  std::string path = zone.type;
  for (std::size_t i = 0; i < zone.path.size(); ++i) {
    path += ":" + zone.path[i];
    const std::string name = sensor_word(first_line(folder / path / "name"));
    part += (i == 0 ? "" : ".") + (name.empty() ? "zone" + sensor_word(zone.path[i]) : name);
  }
  return part;
}

Listing zones(const fs::path& folder) {
  Listing listing;
  std::set<std::string> taken;
  for (const std::string& name : listing.names_in(folder, "rapl")) {
    const auto zone = zone_name(name);
    if (!zone || !offered(folder / name / "energy_uj")) continue;
    std::string part = part_of(folder, *zone);
    if (!taken.insert(part).second) part += "@" + sensor_word(name);
    const auto range = parse_integer(first_line(folder / name / "max_energy_range_uj"));
    listing.add({.sensor = fmt::format("rapl.{}{}", part, kEnergy),
                 .unit = Unit::joule,
                 .path = folder / name / "energy_uj",
                 .scale = kJoulesPerMicrojoule,
                 .counter = true,
                 .range = static_cast<double>(range.value_or(0)),
                 .label = name});
  }
  return listing;
}

constexpr FileFamily kFamily{"rapl", "sys/class/powercap", "no zone that meters energy", zones};

class Rapl : public SensorSource {
 public:
  explicit Rapl(const fs::path& root) : files_(kFamily, root) {}

  [[nodiscard]] std::string name() const override { return files_.name(); }

  [[nodiscard]] std::vector<Reading> read() override {
    const double before_s = now_s();
    std::vector<Reading> energies = files_.read();
    const double at_s = (before_s + now_s()) / 2;
    std::vector<Reading> readings;
    for (Reading& energy : energies) {
      const FileSensor* file = file_of(energy.sensor);
      std::optional<Reading> power;
      if (file != nullptr) power = meter(energy, *file, at_s);
      readings.push_back(std::move(energy));
      if (power) readings.push_back(std::move(*power));
    }
    return readings;
  }

 private:
  static double now_s() {
    const auto now = FileSensorSource::Clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
  }

  [[nodiscard]] const FileSensor* file_of(const std::string& sensor) const {
    for (const FileSensor& file : files_.listing().sensors()) {
      if (file.sensor == sensor) return &file;
    }
    return nullptr;
  }

  // Unwraps `energy` and gives the power that goes with it.
  Reading meter(Reading& energy, const FileSensor& file, double at_s) {
    const std::string_view part =
        std::string_view(energy.sensor).substr(0, energy.sensor.size() - kEnergy.size());
    Reading power{fmt::format("{}.power", part), Unit::watt, energy.state, 0, energy.detail};
    if (energy.state != Reading::State::value) return power;
    auto& meter = meters_.try_emplace(energy.sensor, file.range * file.scale).first->second;
    const EnergyMeter::Sample sample = meter.add(energy.value, at_s);
    energy.value = sample.energy_j;
    power.value = sample.power_w.value_or(0);
    if (sample.power_w) return power;
    power.state = Reading::State::unsupported;
    power.detail = "power needs two readings of the energy";
    return power;
  }

  FileSensorSource files_;
  std::map<std::string, EnergyMeter> meters_;
};

[[maybe_unused]] const bool kRegistered =
    register_sensor_source([](const fs::path& root) -> std::unique_ptr<SensorSource> {
      return std::make_unique<Rapl>(root);
    });

}  // namespace
}  // namespace rackproof
