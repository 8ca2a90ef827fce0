// SPDX-License-Identifier: Apache-2.0
// How much of the host's memory is free, swapped out, or retired as broken (/proc/meminfo), and how
// many processes were killed for lack of it (/proc/vmstat, since Linux 4.13).
#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "hardware/sensors/value_file.h"

namespace rackproof {
namespace {

constexpr double kBytesPerKib = 1024;

// "MemFree:   123 kB" under key "MemFree" gives 123; none: no such line or not a number of kB.
struct Field {
  bool present = false;
  std::optional<std::int64_t> kib;
};
Field field(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.starts_with(key) || line.substr(key.size(), 1) != ":") continue;
    line.remove_prefix(key.size() + 1);
    if (!line.ends_with(" kB")) return {true, {}};
    line.remove_suffix(3);
    return {true, parse_integer(line)};
  }
  return {};
}

Reading reading_of(std::string sensor, std::string_view key, const Field& from) {
  Reading reading{std::move(sensor), Unit::byte};
  if (!from.present) {
    reading.detail = fmt::format("/proc/meminfo has no {}", key);
  } else if (!from.kib || *from.kib < 0) {
    reading.state = Reading::State::error;
    reading.detail = fmt::format("{} in /proc/meminfo is not a non-negative number of kB", key);
  } else {
    reading.state = Reading::State::value;
    reading.value = static_cast<double>(*from.kib) * kBytesPerKib;
  }
  return reading;
}

Field swap_used(std::string_view text) {
  const Field total = field(text, "SwapTotal"), unused = field(text, "SwapFree");
  if (!total.present || !unused.present) return {};
  if (!total.kib || !unused.kib || *unused.kib < 0) return {true, {}};
  return {true, *total.kib - *unused.kib};
}

// "oom_kill 3" among the lines of /proc/vmstat.
Reading oom_kills(const std::filesystem::path& path) {
  const ValueFile file = read_value_file(path);
  Reading reading{"memory.oom_kills", Unit::count, file.state, 0, file.detail, true};
  if (file.state != Reading::State::value) return reading;
  constexpr std::string_view kKey = "oom_kill ";
  const std::string_view text = file.text;
  const auto at = text.starts_with(kKey) ? 0 : text.find("\noom_kill ");
  if (at == std::string_view::npos) {
    reading.state = Reading::State::unsupported;
    reading.detail = path.string() + " has no oom_kill";
    return reading;
  }
  std::string_view number = text.substr(text.find(' ', at));
  const auto kills = parse_integer(number.substr(0, number.find('\n')));
  if (kills && *kills >= 0) {
    reading.value = static_cast<double>(*kills);
    return reading;
  }
  reading.state = Reading::State::error;
  reading.detail = path.string() + ": oom_kill is not a non-negative whole number";
  return reading;
}

class Meminfo : public SensorSource {
 public:
  explicit Meminfo(const std::filesystem::path& root)
      : meminfo_(root / "proc/meminfo"), vmstat_(root / "proc/vmstat") {}

  [[nodiscard]] std::string name() const override { return "memory"; }

  [[nodiscard]] std::vector<Reading> read() override {
    const ValueFile file = read_value_file(meminfo_);
    if (file.state != Reading::State::value) {
      return {{name(), Unit::byte, file.state, 0, file.detail}};
    }
    const std::string_view text = file.text;
    Reading corrupted = reading_of("memory.hardware_corrupted", "HardwareCorrupted",
                                   field(text, "HardwareCorrupted"));
    corrupted.counter = true;
    return {
        reading_of("memory.available", "MemAvailable", field(text, "MemAvailable")),
        reading_of("memory.free", "MemFree", field(text, "MemFree")),
        reading_of("memory.swap_used", "SwapTotal - SwapFree", swap_used(text)),
        std::move(corrupted),
        oom_kills(vmstat_),
    };
  }

 private:
  std::filesystem::path meminfo_, vmstat_;
};

[[maybe_unused]] const bool kRegistered =
    register_sensor_source([](const std::filesystem::path& root) -> std::unique_ptr<SensorSource> {
      return std::make_unique<Meminfo>(root);
    });

}  // namespace
}  // namespace rackproof
