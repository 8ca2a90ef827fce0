// SPDX-License-Identifier: Apache-2.0
// Finds the OpenCL devices of this machine.
#include "backends/opencl/discovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "backends/kernels/device.h"
#include "backends/opencl/driver.h"

namespace rackproof::opencl {
namespace {

constexpr const char* kPocl = "Portable Computing Language";
constexpr const char* kPoclWithoutCache =
    "PoCL has no device, which it says when it cannot write its kernel cache: set POCL_CACHE_DIR "
    "to "
    "a folder that this user may write";
constexpr std::uint64_t kLeastReserve = 256ULL << 20, kHostReserve = 512ULL << 20;

std::vector<cl_platform_id> platforms() {
  cl_uint count = 0;
  const cl_int status = cl().GetPlatformIDs(0, nullptr, &count);
  if (status == CL_PLATFORM_NOT_FOUND_KHR) return {};
  check(status, "clGetPlatformIDs", "this machine");
  std::vector<cl_platform_id> ids(count);
  if (count > 0)
    check(cl().GetPlatformIDs(count, ids.data(), nullptr), "clGetPlatformIDs", "this machine");
  return ids;
}

std::string name_of(cl_platform_id platform) {
  char text[256] = {};
  cl().GetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof text - 1, text, nullptr);
  return text;
}

std::vector<cl_device_id> devices_of(cl_platform_id platform) {
  cl_uint count = 0;
  const cl_int status = cl().GetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &count);
  if (status == CL_DEVICE_NOT_FOUND) return {};
  check(status, "clGetDeviceIDs", fmt::format("platform '{}'", name_of(platform)));
  std::vector<cl_device_id> ids(count);
  if (count > 0) {
    check(cl().GetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, ids.data(), nullptr),
          "clGetDeviceIDs", fmt::format("platform '{}'", name_of(platform)));
  }
  return ids;
}

std::string kind_of(cl_device_id device) {
  const auto type = value_of<cl_device_type>(device, CL_DEVICE_TYPE).value_or(0);
  if ((type & CL_DEVICE_TYPE_CPU) != 0) return "opencl-cpu";
  return (type & CL_DEVICE_TYPE_GPU) != 0 ? "gpu" : "accelerator";
}

int numa_node_of(const std::string& bdf) {
  std::ifstream in("/sys/bus/pci/devices/" + bdf + "/numa_node");
  int node = -1;
  return !bdf.empty() && in >> node ? node : -1;
}

std::uint64_t host_memory_left() {
  std::ifstream in("/proc/meminfo");
  std::string key;
  std::uint64_t kib = 0;
  for (std::string line; in >> key >> kib && std::getline(in, line);) {
    if (key == "MemAvailable:") return kib * 1024;
  }
  return 0;
}

// The driver's own share is not to be asked for before a context is there; what it keeps is named
// by what is left out here.
std::uint64_t allocatable(const kernels::Traits& traits) {
  const std::uint64_t reserve =
      std::max(traits.cpu ? kHostReserve : kLeastReserve, traits.memory_bytes / 50);
  const std::uint64_t most =
      traits.cpu ? std::min(traits.memory_bytes, host_memory_left()) : traits.memory_bytes;
  return (most - std::min(most, reserve)) / 64 * 64;
}

std::unique_ptr<Device> make(cl_device_id id, std::string name) {
  const kernels::Traits traits = traits_of(id);
  DeviceInfo info;
  info.id = std::move(name);
  info.backend = "opencl";
  info.kind = kind_of(id);
  info.name = product_of(id);
  info.driver = text_of(id, CL_DRIVER_VERSION);
  info.bdf = bdf_of(id);
  info.uuid = uuid_of(id);
  info.numa_node = numa_node_of(info.bdf);
  info.memory_bytes = traits.memory_bytes;
  info.allocatable_bytes = allocatable(traits);
  info.cores = traits.compute_units;
  info.shortest_burst_s = 0.001;
  auto driver = std::make_shared<ClDriver>(id, traits, info.id);
  return std::make_unique<kernels::KernelDevice>(
      std::make_shared<kernels::Card>(std::move(driver), traits, std::move(info)));
}

[[maybe_unused]] const bool kRegistered =
    register_backend({.name = "opencl", .discover = discover});

}  // namespace

Expected<std::vector<std::unique_ptr<Device>>> discover(const std::string& spec) {
  const bool all = spec == "all";
  if (!spec.empty() && !all)
    return fail(fmt::format("expected 'all' or nothing, found '{}'", spec));
  std::vector<std::unique_ptr<Device>> devices;
  if (!loader()) return devices;
  const auto found = platforms();
  for (std::size_t p = 0; p < found.size(); ++p) {
    const auto ids = devices_of(found[p]);
    if (all && ids.empty() && name_of(found[p]) == kPocl) throw DeviceError(kPoclWithoutCache);
    for (std::size_t d = 0; d < ids.size(); ++d) {
      if (all || !traits_of(ids[d]).cpu)
        devices.push_back(make(ids[d], fmt::format("opencl:{}.{}", p, d)));
    }
  }
  return devices;
}

}  // namespace rackproof::opencl
