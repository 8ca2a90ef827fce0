// SPDX-License-Identifier: Apache-2.0
#include "backends/cuda/discovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>

#include "backends/cuda/ceilings.h"
#include "backends/cuda/driver.h"
#include "backends/cuda/serial.h"
#include "backends/kernels/device.h"

namespace rackproof::cuda {
namespace {

// Left to the context, to what programs need beside a region, and, on small parts, not more than a
// quarter: contexts of Hopper take about 600 MB.
constexpr std::uint64_t kReserve = 640ULL << 20;
constexpr const char* kThisMachine = "this machine";

int attribute(CUdevice device, CUdevice_attribute what) {
  int value = 0;
  return cu().cuDeviceGetAttribute(&value, what, device) == CUDA_SUCCESS ? value : 0;
}

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string name_of(CUdevice device) {
  char text[256] = {};
  check(cu().cuDeviceGetName(text, sizeof text - 1, device), "cuDeviceGetName", kThisMachine);
  return text;
}

// "GPU-8-4-4-4-12", as nvidia-smi writes it, or "MIG-..." of an instance, which has it in its name.
std::string uuid_of(CUdevice device, const std::string& name) {
  CUuuid uuid{};
  if (cu().cuDeviceGetUuid(&uuid, device) != CUDA_SUCCESS) return "";
  std::string text = name.find(" MIG ") == std::string::npos ? "GPU-" : "MIG-";
  for (std::size_t i = 0; i < sizeof uuid.bytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<unsigned char>(uuid.bytes[i]));
  }
  return text;
}

// "0000:1b:00.0", as the kernel writes it.
std::string bdf_of(CUdevice device) {
  char text[64] = {};
  if (cu().cuDeviceGetPCIBusId(text, sizeof text - 1, device) != CUDA_SUCCESS) return "";
  std::string bdf = text;
  std::transform(bdf.begin(), bdf.end(), bdf.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return bdf.size() > 12 ? bdf.substr(bdf.size() - 12) : bdf;  // a domain of eight digits
}

int numa_node_of(const std::filesystem::path& root, const std::string& bdf) {
  std::ifstream in(root / "sys/bus/pci/devices" / bdf / "numa_node");
  int node = -1;
  return !bdf.empty() && in >> node ? node : -1;
}

// "580.95.05, CUDA 13.0".
std::string driver_text(const std::filesystem::path& root, int version) {
  const std::string cuda = fmt::format("CUDA {}.{}", version / 1000, version % 1000 / 10);
  const std::string module = first_line(root / "sys/module/nvidia/version");
  return module.empty() ? cuda : module + ", " + cuda;
}

Chip chip_of(CUdevice device) {
  return {.major = attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
          .minor = attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
          .multiprocessors = static_cast<std::uint32_t>(
              attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)),
          .clock_hz = 1e3 * attribute(device, CU_DEVICE_ATTRIBUTE_CLOCK_RATE),
          .memory_clock_hz = 1e3 * attribute(device, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE),
          .memory_bus_bits = 1.0 * attribute(device, CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH)};
}

// Without asking the device: that would open a context on it, and the workers of a step, which all
// look for their devices at once, would take memory from each other.
std::uint64_t allocatable(std::uint64_t memory_bytes) {
  const std::uint64_t reserve = std::min(kReserve, memory_bytes / 4) + memory_bytes / 256;
  return (memory_bytes - reserve) / 64 * 64;
}

kernels::Traits traits_of(const Chip& chip, std::uint64_t memory_bytes) {
  kernels::Traits traits;
  traits.compute_units = std::max(chip.multiprocessors, 1U);
  traits.memory_bytes = traits.largest_buffer_bytes = memory_bytes;
  traits.fp64 = traits.names_cores = traits.directs_cores = traits.matrix_units = true;
  if (chip.major < 8) {
    traits.refusal = fmt::format(
        "its compute capability is {}.{}, and this build has programs for 8.0 and later",
        chip.major, chip.minor);
  }
  return traits;
}

std::unique_ptr<Device> make(int number, int version, const std::filesystem::path& root,
                             const host::Host& host) {
  DeviceInfo info;
  info.id = fmt::format("cuda:{}", number);
  CUdevice device = 0;
  check(cu().cuDeviceGet(&device, number), "cuDeviceGet", info.id);
  const Chip chip = chip_of(device);
  auto driver = std::make_shared<CudaDriver>(device, chip.multiprocessors, info.id);
  std::size_t memory_bytes = 0;
  check(cu().cuDeviceTotalMem(&memory_bytes, device), "cuDeviceTotalMem", info.id);
  info.backend = "cuda";
  info.kind = "gpu";
  info.name = name_of(device);
  info.uuid = uuid_of(device, info.name);
  info.bdf = bdf_of(device);
  info.serial = serial_of(info.bdf);
  info.driver = driver_text(root, version);
  info.numa_node = numa_node_of(root, info.bdf);
  info.memory_bytes = memory_bytes;
  info.allocatable_bytes = allocatable(memory_bytes);
  info.cores = chip.multiprocessors;
  info.shortest_burst_s = 0.001;
  info.ceilings = chip_ceilings(chip);
  info.ceilings.merge(link_ceilings(root, info.bdf));
  info.nominals = info.ceilings;
  return std::make_unique<kernels::KernelDevice>(std::make_shared<kernels::Card>(
      std::move(driver), traits_of(chip, memory_bytes), std::move(info), host));
}

// A GPU without a driver is a problem; a machine without a GPU is as it should be.
[[noreturn]] void say_absent(const std::string& reason, const std::filesystem::path& root) {
  const auto gpus = nvidia_gpus(root);
  if (gpus.empty()) throw Absent{reason};
  throw DeviceError(fmt::format("{} NVIDIA GPU{} on the PCI bus (the first at {}), but {}",
                                gpus.size(), gpus.size() == 1 ? " is" : "s are", gpus.front(),
                                reason));
}

int driver_version() {
  int version = 0;
  check(cu().cuDriverGetVersion(&version), "cuDriverGetVersion", kThisMachine);
  constexpr int kNeeded = CUDA_VERSION / 1000 * 1000;  // minor versions are compatible
  if (version < kNeeded) {
    throw DeviceError(fmt::format(
        "the driver is for CUDA {}.{}, and this program was built for CUDA {}: update the driver",
        version / 1000, version % 1000 / 10, CUDA_VERSION / 1000));
  }
  return version;
}

[[maybe_unused]] const bool kRegistered = register_backend(
    {.name = "cuda",
     .discover = [](const std::string& spec) -> Expected<std::vector<std::unique_ptr<Device>>> {
       if (!spec.empty()) return fail(fmt::format("expected nothing, found '{}'", spec));
       return find_devices("/");
     }});

}  // namespace

std::vector<std::string> nvidia_gpus(const std::filesystem::path& root) {
  std::vector<std::string> found;
  std::error_code none;
  for (const auto& entry :
       std::filesystem::directory_iterator(root / "sys/bus/pci/devices", none)) {
    const std::string kind = first_line(entry.path() / "class");
    if (first_line(entry.path() / "vendor") == "0x10de" && kind.rfind("0x03", 0) == 0)
      found.push_back(entry.path().filename().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::unique_ptr<Device>> find_devices(const std::filesystem::path& root,
                                                  const host::Host& host) {
  if (!driver_api()) say_absent(driver_api().error().message, root);
  const CUresult begun = cu().cuInit(0);
  if (begun == CUDA_ERROR_NO_DEVICE) say_absent("the driver finds no GPU", root);
  if (begun == CUDA_ERROR_SYSTEM_NOT_READY) {
    throw DeviceError(
        "cuInit on this machine: CUDA_ERROR_SYSTEM_NOT_READY: GPUs on NVSwitch wait for the fabric "
        "manager; is nvidia-fabricmanager running, and of the driver's version?");
  }
  check(begun, "cuInit", kThisMachine);
  const int version = driver_version();
  int count = 0;
  check(cu().cuDeviceGetCount(&count), "cuDeviceGetCount", kThisMachine);
  if (count == 0) say_absent("the driver has no GPU", root);
  std::vector<std::unique_ptr<Device>> devices;
  for (int number = 0; number < count; ++number)
    devices.push_back(make(number, version, root, host));
  return devices;
}

}  // namespace rackproof::cuda
