// SPDX-License-Identifier: Apache-2.0
#include "hardware/nvml/sensors.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include "hardware/nvml/card_source.h"

namespace rackproof::nvml {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kTryAgainAfter = std::chrono::seconds(10);  // a driver may be loaded later

// A card that NVML counts but does not hand out: without a handle there is nothing to read, and its
// address is not known.
Reading without_handle(unsigned index, const std::string& why) {
  return {
      .sensor = fmt::format("nvml.gpu{}", index), .state = Reading::State::error, .detail = why};
}

Reading lost(unsigned index, double count, const std::string& why) {
  return {.sensor = fmt::format("nvml.gpu{}.lost", index),
          .state = Reading::State::value,
          .value = count,
          .detail = why,
          .counter = true};
}

class GpuFinder : public SensorSource {
 public:
  explicit GpuFinder(std::string library) : library_(std::move(library)) {}

  [[nodiscard]] std::string name() const override { return "nvml"; }

  [[nodiscard]] std::vector<Reading> read() override {
    if (!session_ && (!tried_ || Clock::now() - *tried_ >= kTryAgainAfter)) open();
    if (!session_) return {problem_};
    unsigned count = 0;
    const Api& api = session_->api();
    const nvmlReturn_t code = api.DeviceGetCount_v2(&count);
    if (code != NVML_SUCCESS) return {error("nvmlDeviceGetCount_v2", code)};
    std::vector<Reading> readings{{.sensor = "nvml.gpus",
                                   .state = Reading::State::value,
                                   .value = static_cast<double>(count)}};
    for (unsigned index = 0; index < count; ++index) find(index, readings);
    return readings;
  }

  [[nodiscard]] std::vector<std::unique_ptr<SensorSource>> found() override {
    return std::exchange(found_, {});
  }

 private:
  void open() {
    tried_ = Clock::now();
    const Expected<Api> api = load_api(library_);
    if (!api) return say(Reading::State::unsupported, api.error().message);
    const nvmlReturn_t code = api->Init_v2();
    if (code == NVML_SUCCESS) {
      session_ = std::make_shared<const Session>(Session::opened(*api));
    } else {
      const bool no_driver = code == NVML_ERROR_DRIVER_NOT_LOADED;
      say(no_driver ? Reading::State::unsupported : Reading::State::error,
          error_text(*api, "nvmlInit_v2", code));
    }
  }

  void say(Reading::State state, std::string why) {
    problem_ = {.sensor = "nvml", .state = state, .detail = std::move(why)};
  }

  [[nodiscard]] Reading error(const char* call, nvmlReturn_t code) const {
    return {.sensor = "nvml.gpus",
            .state = Reading::State::error,
            .detail = error_text(session_->api(), call, code)};
  }

  void find(unsigned index, std::vector<Reading>& readings) {
    if (handed_out_.contains(index)) return;
    const Api& api = session_->api();
    nvmlDevice_t handle = nullptr;
    nvmlPciInfo_t pci{};
    const char* call = "nvmlDeviceGetHandleByIndex_v2";
    nvmlReturn_t code = api.DeviceGetHandleByIndex_v2(index, &handle);
    if (code == NVML_SUCCESS) {
      call = "nvmlDeviceGetPciInfo_v3";
      code = api.DeviceGetPciInfo_v3(handle, &pci);
    }
    if (code != NVML_SUCCESS) {
      add_without_handle(index, code, error_text(api, call, code), readings);
      return;
    }
    handed_out_.insert(index);
    found_.push_back(card_source({session_, handle, bdf_of(pci)}));
  }

  // What was lost before the first look is a rise too.
  void add_without_handle(unsigned index, nvmlReturn_t code, const std::string& why,
                          std::vector<Reading>& readings) {
    readings.push_back(without_handle(index, why));
    if (is_lost(code) && lost_.insert(index).second) readings.push_back(lost(index, 0, why));
    if (lost_.contains(index)) readings.push_back(lost(index, 1, why));
  }

  std::string library_;
  std::shared_ptr<const Session> session_;
  std::optional<Clock::time_point> tried_;
  Reading problem_;
  std::set<unsigned> handed_out_, lost_;
  std::vector<std::unique_ptr<SensorSource>> found_;
};

// A fixture or a capture in place of "/" is another machine than the one that NVML tells of.
class Elsewhere : public SensorSource {
 public:
  [[nodiscard]] std::string name() const override { return "nvml"; }
  [[nodiscard]] std::vector<Reading> read() override {
    return {{.sensor = "nvml", .detail = "only of the live machine, not below another root"}};
  }
};

const bool kRegistered =
    register_sensor_source([](const std::filesystem::path& root) -> std::unique_ptr<SensorSource> {
      if (root != "/") return std::make_unique<Elsewhere>();
      return gpu_sensors();
    });

}  // namespace

std::unique_ptr<SensorSource> gpu_sensors(const std::string& library) {
  return std::make_unique<GpuFinder>(library);
}

}  // namespace rackproof::nvml
