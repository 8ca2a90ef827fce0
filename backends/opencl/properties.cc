// SPDX-License-Identifier: Apache-2.0
#include "backends/opencl/properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace rackproof::opencl {
namespace {

// Numbers of extensions that CL/cl_ext.h may be too old to know. Sources: cl_khr_pci_bus_info,
// cl_khr_device_uuid (Khronos), cl_nv_device_attribute_query and its PCI additions (NVIDIA's
// cl_ext.h), cl_amd_device_attribute_query.
constexpr cl_device_info kPciBusInfo = 0x410f, kUuid = 0x106a, kNvidiaBus = 0x4008,
                         kNvidiaSlot = 0x4009, kNvidiaDomain = 0x400a, kAmdTopology = 0x4037,
                         kAmdBoardName = 0x4038;
constexpr cl_uint kNvidiaVendor = 0x10de;
constexpr std::uint32_t kMostSubDevices = 256;

struct KhronosPci {
  cl_uint domain, bus, device, function;
};
struct AmdTopology {
  cl_uint type;
  char unused[17], bus, device, function;
};
constexpr cl_uint kAmdPcie = 1;

std::string bdf_text(unsigned domain, unsigned bus, unsigned device, unsigned function) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", domain, bus, device, function);
}

std::string trimmed(std::string text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool has_extension(cl_device_id device, const std::string& name) {
  return (" " + text_of(device, CL_DEVICE_EXTENSIONS) + " ").find(" " + name + " ") !=
         std::string::npos;
}

bool partitions_equally(cl_device_id device) {
  std::array<cl_device_partition_property, 16> kinds{};
  std::size_t size = 0;
  if (cl().GetDeviceInfo(device, CL_DEVICE_PARTITION_PROPERTIES, sizeof kinds, kinds.data(),
                         &size) != CL_SUCCESS)
    return false;
  const auto last = kinds.begin() + static_cast<std::ptrdiff_t>(size / sizeof kinds[0]);
  return std::find(kinds.begin(), last, CL_DEVICE_PARTITION_EQUALLY) != last;
}

bool flag(cl_device_id device, cl_device_info what) {
  return value_of<cl_bool>(device, what).value_or(CL_FALSE) == CL_TRUE;
}

// "OpenCL C 1.2 PoCL" and newer.
bool speaks_1_2(cl_device_id device) {
  const std::string version = text_of(device, CL_DEVICE_OPENCL_C_VERSION);
  int major = 0, minor = 0;
  return std::sscanf(version.c_str(), "OpenCL C %d.%d", &major, &minor) == 2 &&
         (major > 1 || (major == 1 && minor >= 2));
}

std::string refusal_of(cl_device_id device) {
  if (!flag(device, CL_DEVICE_AVAILABLE)) return "its driver says that it is not available";
  if (!flag(device, CL_DEVICE_COMPILER_AVAILABLE)) return "it has no compiler for OpenCL C";
  if (!flag(device, CL_DEVICE_ENDIAN_LITTLE)) return "it is not little-endian";
  if (!speaks_1_2(device)) {
    return fmt::format("it speaks '{}', and OpenCL C 1.2 is needed",
                       text_of(device, CL_DEVICE_OPENCL_C_VERSION));
  }
  return "";
}

}  // namespace

std::string text_of(cl_device_id device, cl_device_info what) {
  std::size_t size = 0;
  if (cl().GetDeviceInfo(device, what, 0, nullptr, &size) != CL_SUCCESS || size == 0) return "";
  std::string text(size, '\0');
  if (cl().GetDeviceInfo(device, what, size, text.data(), nullptr) != CL_SUCCESS) return "";
  return trimmed(text.c_str());
}

std::string bdf_of(cl_device_id device) {
  if (const auto pci = value_of<KhronosPci>(device, kPciBusInfo))
    return bdf_text(pci->domain, pci->bus, pci->device, pci->function);
  const auto bus = value_of<cl_uint>(device, kNvidiaBus),
             slot = value_of<cl_uint>(device, kNvidiaSlot);
  if (bus && slot)  // the slot holds device and function as PCI encodes them
    return bdf_text(value_of<cl_uint>(device, kNvidiaDomain).value_or(0), *bus, *slot >> 3,
                    *slot & 7);
  const auto amd = value_of<AmdTopology>(device, kAmdTopology);
  if (!amd || amd->type != kAmdPcie) return "";
  const auto byte = [](char c) { return static_cast<unsigned>(static_cast<unsigned char>(c)); };
  return bdf_text(0, byte(amd->bus), byte(amd->device), byte(amd->function));
}

std::string uuid_of(cl_device_id device) {
  const auto bytes = value_of<std::array<unsigned char, 16>>(device, kUuid);
  if (!bytes) return "";
  std::string text;
  for (std::size_t i = 0; i < bytes->size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", (*bytes)[i]);
  }
  return text;
}

std::string product_of(cl_device_id device) {
  const std::string board = text_of(device, kAmdBoardName);
  return board.empty() ? text_of(device, CL_DEVICE_NAME) : board;
}

kernels::Traits traits_of(cl_device_id device) {
  kernels::Traits traits;
  traits.compute_units =
      std::max<cl_uint>(value_of<cl_uint>(device, CL_DEVICE_MAX_COMPUTE_UNITS).value_or(1), 1);
  traits.memory_bytes = value_of<cl_ulong>(device, CL_DEVICE_GLOBAL_MEM_SIZE).value_or(0);
  traits.largest_buffer_bytes =
      value_of<cl_ulong>(device, CL_DEVICE_MAX_MEM_ALLOC_SIZE).value_or(0);
  traits.cpu =
      (value_of<cl_device_type>(device, CL_DEVICE_TYPE).value_or(0) & CL_DEVICE_TYPE_CPU) != 0;
  traits.fp64 = value_of<cl_device_fp_config>(device, CL_DEVICE_DOUBLE_FP_CONFIG).value_or(0) != 0;
  traits.names_cores = traits.directs_cores =
      value_of<cl_uint>(device, CL_DEVICE_VENDOR_ID).value_or(0) == kNvidiaVendor &&
      has_extension(device, "cl_nv_device_attribute_query");
  traits.divisible = traits.cpu && traits.compute_units > 1 &&
                     traits.compute_units <= kMostSubDevices && partitions_equally(device);
  traits.refusal = refusal_of(device);
  traits.no_fp64 = "CL_DEVICE_DOUBLE_FP_CONFIG";
  return traits;
}

}  // namespace rackproof::opencl
