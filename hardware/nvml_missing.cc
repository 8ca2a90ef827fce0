// SPDX-License-Identifier: Apache-2.0
// In place of hardware/nvml/ where the build had no nvml.h: says so where users look for sensors.
#include "hardware/sensor.h"

namespace rackproof {
namespace {

class Missing : public SensorSource {
 public:
  [[nodiscard]] std::string name() const override { return "nvml"; }
  [[nodiscard]] std::vector<Reading> read() override {
    return {{.sensor = "nvml", .detail = "built without nvml.h (RACKPROOF_NVML=OFF)"}};
  }
};

const bool kRegistered =
    register_sensor_source([](const std::filesystem::path&) -> std::unique_ptr<SensorSource> {
      return std::make_unique<Missing>();
    });

}  // namespace
}  // namespace rackproof
