// SPDX-License-Identifier: Apache-2.0
// NVML's entry points, taken from the driver's library at run time: a machine without an NVIDIA
// driver still runs this program. Only functions that read; none here changes a card.
#pragma once

#define NVML_NO_UNVERSIONED_FUNC_DEFS  // names mean what the library exports
#include <nvml.h>

#include <string>

#include "core/error.h"

namespace rackproof::nvml {

// Without these there is nothing to ask.
#define RACKPROOF_NVML_NEEDED(X) \
  X(Init_v2)                     \
  X(Shutdown)                    \
  X(ErrorString)                 \
  X(DeviceGetCount_v2)           \
  X(DeviceGetHandleByIndex_v2)   \
  X(DeviceGetPciInfo_v3)

// What an older library lacks is null here, and unsupported.
#define RACKPROOF_NVML_OPTIONAL(X)            \
  X(SystemGetDriverVersion)                   \
  X(SystemGetNVMLVersion)                     \
  X(SystemGetCudaDriverVersion_v2)            \
  X(SystemGetProcessName)                     \
  X(DeviceGetHandleByUUID)                    \
  X(DeviceGetHandleByPciBusId_v2)             \
  X(DeviceGetName)                            \
  X(DeviceGetUUID)                            \
  X(DeviceGetSerial)                          \
  X(DeviceGetIndex)                           \
  X(DeviceGetMinorNumber)                     \
  X(DeviceGetVbiosVersion)                    \
  X(DeviceGetArchitecture)                    \
  X(DeviceGetMemoryInfo_v2)                   \
  X(DeviceGetComputeRunningProcesses_v3)      \
  X(DeviceGetGraphicsRunningProcesses_v3)     \
  X(DeviceGetMPSComputeRunningProcesses_v3)   \
  X(DeviceGetComputeMode)                     \
  X(DeviceGetPersistenceMode)                 \
  X(DeviceGetMigMode)                         \
  X(DeviceGetEccMode)                         \
  X(DeviceGetPowerUsage)                      \
  X(DeviceGetTotalEnergyConsumption)          \
  X(DeviceGetEnforcedPowerLimit)              \
  X(DeviceGetPowerManagementLimit)            \
  X(DeviceGetPowerManagementDefaultLimit)     \
  X(DeviceGetPowerManagementLimitConstraints) \
  X(DeviceGetClockInfo)                       \
  X(DeviceGetMaxClockInfo)                    \
  X(DeviceGetApplicationsClock)               \
  X(DeviceGetDefaultApplicationsClock)        \
  X(DeviceGetMaxCustomerBoostClock)           \
  X(DeviceGetCurrentClocksEventReasons)       \
  X(DeviceGetCurrentClocksThrottleReasons)    \
  X(DeviceGetViolationStatus)                 \
  X(DeviceGetPerformanceState)                \
  X(DeviceGetUtilizationRates)                \
  X(DeviceGetTemperature)                     \
  X(DeviceGetTemperatureThreshold)            \
  X(DeviceGetMarginTemperature)               \
  X(DeviceGetNumFans)                         \
  X(DeviceGetFanSpeed_v2)                     \
  X(DeviceGetMemoryErrorCounter)              \
  X(DeviceGetSramEccErrorStatus)              \
  X(DeviceGetTotalEccErrors)                  \
  X(DeviceGetRemappedRows)                    \
  X(DeviceGetRetiredPages_v2)                 \
  X(DeviceGetRetiredPagesPendingStatus)       \
  X(DeviceGetPcieReplayCounter)               \
  X(DeviceGetCurrPcieLinkGeneration)          \
  X(DeviceGetCurrPcieLinkWidth)               \
  X(DeviceGetMaxPcieLinkGeneration)           \
  X(DeviceGetMaxPcieLinkWidth)                \
  X(DeviceGetNvLinkState)                     \
  X(DeviceGetNvLinkVersion)                   \
  X(DeviceGetNvLinkErrorCounter)              \
  X(DeviceGetFieldValues)                     \
  X(DeviceGetSupportedEventTypes)             \
  X(DeviceRegisterEvents)                     \
  X(EventSetCreate)                           \
  X(EventSetWait_v2)                          \
  X(EventSetFree)

struct Api {
#define RACKPROOF_NVML_MEMBER(name) decltype(&::nvml##name) name = nullptr;
  RACKPROOF_NVML_NEEDED(RACKPROOF_NVML_MEMBER)
  RACKPROOF_NVML_OPTIONAL(RACKPROOF_NVML_MEMBER)
#undef RACKPROOF_NVML_MEMBER
};

/// The driver's library, by the loader's search path: a test puts another in front of it.
inline constexpr const char* kLibrary = "libnvidia-ml.so.1";

/// Loads the library by its file's name; never unloads it. An Error says why there is none, or what
/// it lacks. Does not initialise it.
[[nodiscard]] Expected<Api> load_api(const std::string& library = kLibrary);

/// "nvmlDeviceGetEccMode: Not Supported", with the number where the library knows no text.
[[nodiscard]] std::string error_text(const Api& api, const char* call, nvmlReturn_t code);

/// The card does not offer this, or the library is too old for it: neither good nor bad.
[[nodiscard]] bool is_unsupported(nvmlReturn_t code);

/// The card no longer answers anything: it fell off the bus, or must be reset first.
[[nodiscard]] bool is_lost(nvmlReturn_t code);

/// NVML between nvmlInit and nvmlShutdown; calls may block as long as the driver does, from any
/// thread. It does not survive a fork. Move-only.
class Session {
 public:
  /// An Error says why NVML cannot be used: no library, no driver, a driver of another version.
  [[nodiscard]] static Expected<Session> open(const std::string& library = kLibrary);
  /// Of a library that has been initialised by the caller.
  [[nodiscard]] static Session opened(const Api& api) { return Session(api); }
  Session(Session&& other) noexcept;
  Session& operator=(Session&& other) noexcept;
  ~Session();

  [[nodiscard]] const Api& api() const { return api_; }

  /// Calls one function of the table; a null one is NVML_ERROR_FUNCTION_NOT_FOUND.
  template <class... Formal, class... Actual>
  [[nodiscard]] static nvmlReturn_t call(nvmlReturn_t (*function)(Formal...), Actual... actual) {
    return function == nullptr ? NVML_ERROR_FUNCTION_NOT_FOUND : function(actual...);
  }

 private:
  explicit Session(const Api& api) : api_(api) {}
  Api api_;
  bool open_ = true;
};

}  // namespace rackproof::nvml
