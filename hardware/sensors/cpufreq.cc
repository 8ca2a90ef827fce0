// SPDX-License-Identifier: Apache-2.0
// Each CPU's present clock, as its frequency driver sees it.
// Source: the kernel's Documentation/admin-guide/pm/cpufreq.rst.
#include <fmt/format.h>

#include "hardware/sensors/value_file.h"

namespace rackproof {
namespace {

constexpr double kHertzPerKilohertz = 1e3;

class Cpufreq : public SensorSource {
 public:
  explicit Cpufreq(const std::filesystem::path& root) : folder_(root / "sys/devices/system/cpu") {}

  [[nodiscard]] std::string name() const override { return "cpufreq"; }

  [[nodiscard]] std::vector<Reading> read() override {
    std::vector<Reading> readings;
    bool offered = false;
    for (const auto& [number, cpu] : numbered_entries(folder_, "cpu")) {
      const NumberFile file{cpu / "cpufreq/scaling_cur_freq", kHertzPerKilohertz, 1};
      readings.push_back(read_number(fmt::format("cpu{}.frequency", number), Unit::hertz, file));
      offered = offered || readings.back().state != Reading::State::unsupported;
    }
    if (offered) return readings;
    return family_unsupported(name(), folder_.string() + ": no CPU has cpufreq/scaling_cur_freq");
  }

 private:
  std::filesystem::path folder_;
};

[[maybe_unused]] const bool kRegistered =
    register_sensor_source([](const std::filesystem::path& root) -> std::unique_ptr<SensorSource> {
      return std::make_unique<Cpufreq>(root);
    });

}  // namespace
}  // namespace rackproof
