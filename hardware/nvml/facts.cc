// SPDX-License-Identifier: Apache-2.0
#include "hardware/nvml/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "hardware/nvml/find.h"
#include "hardware/nvml/users.h"

namespace rackproof::nvml {
namespace {

constexpr double kWattsPerMilliwatt = 1e-3;
constexpr int kCudaMajor = 1000, kCudaMinor = 10;  // 13000 is CUDA 13.0
constexpr unsigned long long kHeldByASetting =
    0x2;  // nvmlClocksEventReasonApplicationsClocksSetting
constexpr std::array<const char*, 4> kComputeModes{"default", "exclusive thread", "prohibited",
                                                   "exclusive process"};

/// Asks one GPU.
class Asker {
 public:
  Asker(const Session& session, nvmlDevice_t gpu) : api_(session.api()), gpu_(gpu) {}

  [[nodiscard]] Fact<GpuSwitch> ecc() const {
    nvmlEnableState_t now{}, pending{};
    const auto code = Session::call(api_.DeviceGetEccMode, gpu_, &now, &pending);
    return fact("nvmlDeviceGetEccMode", code,
                GpuSwitch{now == NVML_FEATURE_ENABLED, pending == NVML_FEATURE_ENABLED});
  }
  [[nodiscard]] Fact<GpuSwitch> mig() const {
    unsigned now = 0, pending = 0;
    const auto code = Session::call(api_.DeviceGetMigMode, gpu_, &now, &pending);
    return fact("nvmlDeviceGetMigMode", code, GpuSwitch{now != 0, pending != 0});
  }
  [[nodiscard]] Fact<bool> persistence() const {
    nvmlEnableState_t on{};
    const auto code = Session::call(api_.DeviceGetPersistenceMode, gpu_, &on);
    return fact("nvmlDeviceGetPersistenceMode", code, on == NVML_FEATURE_ENABLED);
  }
  [[nodiscard]] Fact<std::string> compute_mode() const {
    nvmlComputeMode_t mode{};
    const auto code = Session::call(api_.DeviceGetComputeMode, gpu_, &mode);
    const auto index = static_cast<std::size_t>(mode);
    return fact("nvmlDeviceGetComputeMode", code,
                index < kComputeModes.size() ? std::string(kComputeModes[index])
                                             : fmt::format("{}", index));
  }
  [[nodiscard]] Fact<double> power_limit_w() const {
    unsigned mw = 0;
    const auto code = Session::call(api_.DeviceGetEnforcedPowerLimit, gpu_, &mw);
    return fact("nvmlDeviceGetEnforcedPowerLimit", code, mw * kWattsPerMilliwatt);
  }
  [[nodiscard]] Fact<double> default_power_limit_w() const {
    unsigned mw = 0;
    const auto code = Session::call(api_.DeviceGetPowerManagementDefaultLimit, gpu_, &mw);
    return fact("nvmlDeviceGetPowerManagementDefaultLimit", code, mw * kWattsPerMilliwatt);
  }
  [[nodiscard]] Fact<double> most_power_limit_w() const {
    unsigned least = 0, most = 0;
    const auto code =
        Session::call(api_.DeviceGetPowerManagementLimitConstraints, gpu_, &least, &most);
    return fact("nvmlDeviceGetPowerManagementLimitConstraints", code, most * kWattsPerMilliwatt);
  }
  [[nodiscard]] Fact<GpuClocks> application_clocks() const {
    return clocks("nvmlDeviceGetApplicationsClock", api_.DeviceGetApplicationsClock);
  }
  [[nodiscard]] Fact<GpuClocks> most_clocks() const {
    return clocks("nvmlDeviceGetMaxClockInfo", api_.DeviceGetMaxClockInfo);
  }
  [[nodiscard]] Fact<bool> clocks_held() const {
    unsigned long long reasons = 0;
    auto code = Session::call(api_.DeviceGetCurrentClocksEventReasons, gpu_, &reasons);
    if (code == NVML_ERROR_FUNCTION_NOT_FOUND)  // its name before driver 535
      code = Session::call(api_.DeviceGetCurrentClocksThrottleReasons, gpu_, &reasons);
    return fact("nvmlDeviceGetCurrentClocksEventReasons", code, (reasons & kHeldByASetting) != 0);
  }
  [[nodiscard]] Fact<std::vector<GpuProcess>> processes() const {
    auto found = users_of(api_, gpu_);
    return {found.value, found.code != NVML_SUCCESS && is_unsupported(found.code), found.why};
  }
  [[nodiscard]] Fact<std::string> driver() const {
    std::array<char, NVML_SYSTEM_DRIVER_VERSION_BUFFER_SIZE> text{};
    const auto code =
        Session::call(api_.SystemGetDriverVersion, text.data(), static_cast<unsigned>(text.size()));
    text.back() = '\0';
    return fact("nvmlSystemGetDriverVersion", code, std::string(text.data()));
  }
  [[nodiscard]] Fact<std::string> cuda() const {
    int version = 0;
    const auto code = Session::call(api_.SystemGetCudaDriverVersion_v2, &version);
    return fact("nvmlSystemGetCudaDriverVersion", code,
                fmt::format("{}.{}", version / kCudaMajor, version % kCudaMajor / kCudaMinor));
  }
  [[nodiscard]] std::string index(const std::string& otherwise) const {
    unsigned index = 0;
    const auto code = Session::call(api_.DeviceGetIndex, gpu_, &index);
    return code == NVML_SUCCESS ? std::to_string(index) : otherwise;
  }

 private:
  template <class T>
  [[nodiscard]] Fact<T> fact(const char* call, nvmlReturn_t code, T value) const {
    if (code == NVML_SUCCESS) return {std::move(value), false, {}};
    return {{}, is_unsupported(code), error_text(api_, call, code)};
  }

  template <class Function>
  [[nodiscard]] Fact<GpuClocks> clocks(const char* call, Function function) const {
    GpuClocks mhz;
    auto code = Session::call(function, gpu_, NVML_CLOCK_GRAPHICS, &mhz.graphics);
    if (code == NVML_SUCCESS) code = Session::call(function, gpu_, NVML_CLOCK_MEM, &mhz.memory);
    return fact(call, code, mhz);
  }

  const Api& api_;
  nvmlDevice_t gpu_;
};

// Two versions of one driver are no lack of knowledge: they are what is wrong.
Expected<GpuFacts> without_session(const Error& why, const std::string& library) {
  const auto api = load_api(library);
  if (!api || why.message != error_text(*api, "nvmlInit", NVML_ERROR_LIB_RM_VERSION_MISMATCH))
    return tl::unexpected(why);
  GpuFacts facts = nothing_known(why.message);
  facts.mismatch = why.message;
  return facts;
}

[[maybe_unused]] const bool kRegistered =
    register_gpu_facts([](const DeviceInfo& device) { return read_facts(device); });

}  // namespace

Expected<GpuFacts> read_facts(const DeviceInfo& device, const std::string& library) {
  const auto session = Session::open(library);
  if (!session) return without_session(session.error(), library);
  const auto gpu = find_gpu(session->api(), device);
  if (!gpu) return tl::unexpected(gpu.error());
  const Asker ask(*session, *gpu);
  GpuFacts facts;
  facts.index = ask.index(device.bdf);
  facts.processes = ask.processes();
  facts.ecc = ask.ecc();
  facts.mig = ask.mig();
  facts.persistence = ask.persistence();
  facts.power_limit_w = ask.power_limit_w();
  facts.default_power_limit_w = ask.default_power_limit_w();
  facts.most_power_limit_w = ask.most_power_limit_w();
  facts.clocks = ask.application_clocks();
  facts.most_clocks = ask.most_clocks();
  facts.clocks_held = ask.clocks_held();
  facts.compute_mode = ask.compute_mode();
  facts.driver = ask.driver();
  facts.cuda = ask.cuda();
  return facts;
}

}  // namespace rackproof::nvml
