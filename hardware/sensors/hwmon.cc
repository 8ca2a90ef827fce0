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
#include <system_error>
#include <tuple>

#include "hardware/sensors/value_file.h"

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

// `code` says why when the chip's folder cannot be listed.
std::vector<Channel> channels(const std::filesystem::path& chip, std::error_code& code) {
  std::vector<Channel> found;
  for (std::filesystem::directory_iterator entry(chip, code), end; !code && entry != end;
       entry.increment(code)) {
    if (const auto channel = channel_of(entry->path().filename().native())) {
      found.push_back(*channel);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Channel& a, const Channel& b) { return a.order() < b.order(); });
  return found;
}

std::string first_line(const std::filesystem::path& path) {
  const ValueFile file = read_value_file(path);
  return file.text.substr(0, file.text.find('\n'));
}

// The chip's name and the channel's label: "coretemp Package id 0".
std::string label(const std::filesystem::path& chip, const Channel& channel) {
  const std::string name = first_line(chip / "name");
  const std::string own = first_line(chip / (channel.stem() + "_label"));
  return own.empty() ? name : (name.empty() ? own : name + " " + own);
}

Reading read_channel(int chip, const std::filesystem::path& folder, const Channel& channel) {
  std::string sensor =
      fmt::format("hwmon{}.{}{}", chip, channel.stem(), channel.average ? ".average" : "");
  const NumberFile file{folder / channel.file(), channel.kind->scale, channel.kind->least};
  Reading reading = read_number(std::move(sensor), channel.kind->unit, file);
  if (reading.state != Reading::State::value) return reading;
  reading.detail = label(folder, channel);
  if (parse_integer(first_line(folder / (channel.stem() + "_fault"))).value_or(0) != 0) {
    reading.state = Reading::State::error;
    reading.value = 0;
    reading.detail += ": the chip reports that this sensor is faulty";
  }
  return reading;
}

class Hwmon : public SensorSource {
 public:
  explicit Hwmon(const std::filesystem::path& root) : folder_(root / "sys/class/hwmon") {}

  [[nodiscard]] std::string name() const override { return "hwmon"; }

  [[nodiscard]] std::vector<Reading> read() override {
    std::vector<Reading> readings;
    for (const auto& [number, chip] : numbered_entries(folder_, "hwmon")) {
      std::error_code code;
      for (const Channel& channel : channels(chip, code)) {
        readings.push_back(read_channel(number, chip, channel));
      }
      if (!code || code == std::errc::no_such_file_or_directory) continue;
      readings.push_back({fmt::format("hwmon{}", number), Unit::count, Reading::State::error, 0,
                          fmt::format("{}: {}", chip.string(), code.message())});
    }
    if (!readings.empty()) return readings;
    return family_unsupported(name(), folder_.string() + ": no chip with a sensor");
  }

 private:
  std::filesystem::path folder_;
};

[[maybe_unused]] const bool kRegistered =
    register_sensor_source([](const std::filesystem::path& root) -> std::unique_ptr<SensorSource> {
      return std::make_unique<Hwmon>(root);
    });

}  // namespace
}  // namespace rackproof
