// SPDX-License-Identifier: Apache-2.0
// Temperatures, powers, voltages, currents, fans and energies that drivers show under
// /sys/class/hwmon. Source: the kernel's Documentation/hwmon/sysfs-interface.rst.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <optional>
#include <string_view>
#include <tuple>

#include "hardware/sensors/file_sensors.h"

namespace rackproof {
namespace {

struct Kind {
  std::string_view prefix;
  Unit unit;
  double scale;
  std::int64_t least;
};
constexpr std::int64_t kAnyValue = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kAbsoluteZero = -273150;  // millidegrees
constexpr std::array kKinds{
    Kind{"temp", Unit::celsius, 1e-3, kAbsoluteZero},
    Kind{"power", Unit::watt, 1e-6, 0},
    Kind{"in", Unit::volt, 1e-3, kAnyValue},
    Kind{"curr", Unit::ampere, 1e-3, kAnyValue},
    Kind{"fan", Unit::rpm, 1, 0},
    Kind{"energy", Unit::joule, 1e-6, 0},
};

// One channel of one chip: "temp1_input" is kind temp, channel 1.
struct Channel {
  const Kind* kind = nullptr;
  int number = 0;
  bool average = false;  // powers only: the chip's own mean

  [[nodiscard]] std::string stem() const { return fmt::format("{}{}", kind->prefix, number); }
  [[nodiscard]] std::string file() const { return stem() + (average ? "_average" : "_input"); }
  [[nodiscard]] auto order() const { return std::tuple(kind, number, average); }
};

std::optional<Channel> channel_of(std::string_view file) {
  for (const Kind& kind : kKinds) {
    if (!file.starts_with(kind.prefix)) continue;
    std::size_t end = kind.prefix.size();
    while (end < file.size() && std::isdigit(static_cast<unsigned char>(file[end]))) ++end;
    const auto number = parse_integer(file.substr(kind.prefix.size(), end - kind.prefix.size()));
    if (!number || *number > 9999) continue;
    const std::string_view suffix = file.substr(end);
    if (suffix == "_input") return Channel{&kind, static_cast<int>(*number), false};
    if (suffix == "_average" && kind.unit == Unit::watt) {
      return Channel{&kind, static_cast<int>(*number), true};
    }
  }
  return {};
}

std::vector<Channel> channels(const std::vector<std::string>& files) {
  std::vector<Channel> found;
  for (const std::string& file : files) {
    if (const auto channel = channel_of(file)) found.push_back(*channel);
  }
  std::sort(found.begin(), found.end(),
            [](const Channel& a, const Channel& b) { return a.order() < b.order(); });
  return found;
}

// The chip's name and the channel's label: "coretemp Package id 0".
std::string label(const std::filesystem::path& chip, const Channel& channel) {
  const std::string name = first_line(chip / "name");
  const std::string own = first_line(chip / (channel.stem() + "_label"));
  return own.empty() ? name : (name.empty() ? own : name + " " + own);
}

FileSensor sensor_of(int chip, const std::filesystem::path& folder, const Channel& channel) {
  const Kind& kind = *channel.kind;
  const auto fault = folder / (channel.stem() + "_fault");
  return {.sensor =
              fmt::format("hwmon{}.{}{}", chip, channel.stem(), channel.average ? ".average" : ""),
          .unit = kind.unit,
          .path = folder / channel.file(),
          .scale = kind.scale,
          .least = kind.least,
          .counter = kind.unit == Unit::joule,
          .label = label(folder, channel),
          .fault = offered(fault) ? fault : std::filesystem::path()};
}

Listing chips(const std::filesystem::path& folder) {
  Listing listing;
  for (const auto& [number, chip] : listing.numbered_in(folder, "hwmon", "hwmon")) {
    const auto files = listing.names_in(chip, fmt::format("hwmon{}", number));
    for (const Channel& channel : channels(files)) listing.add(sensor_of(number, chip, channel));
  }
  return listing;
}

constexpr FileFamily kFamily{"hwmon", "sys/class/hwmon", "no chip with a sensor", chips};
[[maybe_unused]] const bool kRegistered = register_file_family<kFamily>();

}  // namespace
}  // namespace rackproof
