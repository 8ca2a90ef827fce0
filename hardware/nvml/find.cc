// SPDX-License-Identifier: Apache-2.0
#include "hardware/nvml/find.h"

#include <fmt/format.h>

#include <array>
#include <cctype>

namespace rackproof::nvml {
namespace {

constexpr std::string_view kGpuPrefix = "GPU-";

std::string lower(std::string_view text) {
  std::string low;
  for (const char c : text) low += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return low;
}

// "GPU-5A8f..." and "5a8f..." are the same one.
std::string plain_uuid(std::string_view text) {
  if (text.starts_with(kGpuPrefix)) text.remove_prefix(kGpuPrefix.size());
  std::string digits = lower(text);
  std::erase(digits, '-');
  return digits;
}

std::string address_of(const nvmlPciInfo_t& pci) {
  return fmt::format("{:04x}:{:02x}:{:02x}.0", pci.domain, pci.bus, pci.device);
}

bool has_uuid(const Api& api, nvmlDevice_t gpu, const std::string& wanted) {
  std::array<char, NVML_DEVICE_UUID_V2_BUFFER_SIZE> text{};
  const auto code =
      Session::call(api.DeviceGetUUID, gpu, text.data(), static_cast<unsigned>(text.size()));
  text.back() = '\0';
  return code == NVML_SUCCESS && plain_uuid(text.data()) == plain_uuid(wanted);
}

bool is_at(const Api& api, nvmlDevice_t gpu, const std::string& bdf) {
  nvmlPciInfo_t pci{};
  return api.DeviceGetPciInfo_v3(gpu, &pci) == NVML_SUCCESS && address_of(pci) == lower(bdf);
}

}  // namespace

Expected<nvmlDevice_t> find_gpu(const Api& api, const DeviceInfo& device) {
  if (device.bdf.empty() && device.uuid.empty())
    return fail(device.id + " has neither a PCI address nor a UUID to find its GPU by");
  unsigned count = 0;
  if (const auto code = api.DeviceGetCount_v2(&count); code != NVML_SUCCESS)
    return fail(error_text(api, "nvmlDeviceGetCount", code));
  std::string silent;
  for (unsigned i = 0; i < count; ++i) {
    nvmlDevice_t gpu = nullptr;
    const auto code = api.DeviceGetHandleByIndex_v2(i, &gpu);
    if (code != NVML_SUCCESS) {
      silent += fmt::format("; GPU {}: {}", i, error_text(api, "nvmlDeviceGetHandleByIndex", code));
    } else if (device.bdf.empty() ? has_uuid(api, gpu, device.uuid) : is_at(api, gpu, device.bdf)) {
      return gpu;
    }
  }
  return fail(fmt::format("NVML has no GPU {} among its {}{}",
                          device.bdf.empty() ? device.uuid : device.bdf, count, silent));
}

}  // namespace rackproof::nvml
