// SPDX-License-Identifier: Apache-2.0
// Pressure stall information: the share of the last 10 s in which some task waited for a resource.
// Source: the kernel's Documentation/accounting/psi.rst.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "hardware/sensors/value_file.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 3> kResources{"cpu", "memory", "io"};

// "some avg10=1.53 avg60=..." gives 1.53.
std::optional<double> some_avg10_percent(std::string_view text) {
  constexpr std::string_view kStart = "some avg10=";
  if (!text.starts_with(kStart)) return {};
  text.remove_prefix(kStart.size());
  text = text.substr(0, text.find_first_of(" \n"));
  double percent = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (status != std::errc{} || end != text.data() + text.size()) return {};
  return percent;
}

Reading read_pressure(const std::filesystem::path& folder, std::string_view resource) {
  const std::filesystem::path path = folder / resource;
  const ValueFile file = read_value_file(path);
  Reading reading{fmt::format("psi.{}.some_avg10", resource), Unit::ratio, file.state, 0,
                  file.detail};
  if (file.state != Reading::State::value) return reading;
  const auto percent = some_avg10_percent(file.text);
  if (percent && *percent >= 0 && *percent <= 100) {
    reading.value = *percent / 100;
    return reading;
  }
  reading.state = Reading::State::error;
  reading.detail = fmt::format("{}: no 'some avg10=' with 0 to 100 percent", path.string());
  return reading;
}

class Psi : public SensorSource {
 public:
  explicit Psi(const std::filesystem::path& root) : folder_(root / "proc/pressure") {}

  [[nodiscard]] std::string name() const override { return "psi"; }

  [[nodiscard]] std::vector<Reading> read() override {
    std::vector<Reading> readings;
    for (const std::string_view resource : kResources) {
      readings.push_back(read_pressure(folder_, resource));
    }
    if (!all_unsupported(readings)) return readings;
    return family_unsupported(name(), readings.front().detail);
  }

 private:
  std::filesystem::path folder_;
};

[[maybe_unused]] const bool kRegistered =
    register_sensor_source([](const std::filesystem::path& root) -> std::unique_ptr<SensorSource> {
      return std::make_unique<Psi>(root);
    });

}  // namespace
}  // namespace rackproof
