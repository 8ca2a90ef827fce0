// SPDX-License-Identifier: Apache-2.0
#include "backends/cuda/ceilings.h"

#include <array>
#include <fstream>

namespace rackproof::cuda {
namespace {

// Dense operations of one multiprocessor in one clock, a fused multiply and add being two. Sources:
// NVIDIA's A100, H100 and Blackwell architecture papers: peak rates over multiprocessors and boost
// clock.
struct Units {
  int major, minor;
  double int8, fp4, fp8, fp16, tf32, fp32, fp64;
};
constexpr std::array kUnits{
    Units{8, 0, 4096, 0, 0, 2048, 1024, 128, 128},
    Units{9, 0, 8192, 0, 8192, 4096, 2048, 256, 256},
    Units{10, 0, 16384, 32768, 16384, 8192, 4096, 256, 128},
};

double number_in(const std::filesystem::path& file) {
  std::ifstream in(file);
  double value = 0;
  return in >> value ? value : 0;
}

}  // namespace

std::map<std::string, double> chip_ceilings(const Chip& chip) {
  std::map<std::string, double> all;
  // Two transfers a clock: HBM and GDDR are named by their clock here.
  if (chip.memory_clock_hz > 0 && chip.memory_bus_bits > 0)
    all["memory"] = 2 * chip.memory_clock_hz * chip.memory_bus_bits / 8;
  for (const Units& units : kUnits) {
    if (units.major != chip.major || units.minor != chip.minor || chip.clock_hz <= 0) continue;
    const double each = chip.clock_hz * chip.multiprocessors;
    all["gemm.int8"] = units.int8 * each;
    all["gemm.fp16"] = all["gemm.bf16"] = units.fp16 * each;
    all["gemm.tf32"] = units.tf32 * each;
    all["gemm.fp32"] = units.fp32 * each;
    all["gemm.fp64"] = units.fp64 * each;
    if (units.fp4 > 0) all["gemm.fp4_e2m1"] = units.fp4 * each;
    if (units.fp8 > 0) all["gemm.fp8_e4m3"] = all["gemm.fp8_e5m2"] = units.fp8 * each;
  }
  return all;
}

// 128 of 130 bits carry data from 8 GT/s on (PCI Express Base Specification 3.0, 4.2.2.1).
std::map<std::string, double> link_ceilings(const std::filesystem::path& root,
                                            const std::string& bdf) {
  const auto folder = root / "sys/bus/pci/devices" / bdf;
  const double transfers = number_in(folder / "max_link_speed") * 1e9;  // "32.0 GT/s PCIe"
  const double lanes = number_in(folder / "max_link_width");
  const double one_way = transfers * lanes / 8 * 128 / 130;
  if (bdf.empty() || !(one_way > 0)) return {};
  return {{"host_link", one_way},
          {"host_link.h2d", one_way},
          {"host_link.d2h", one_way},
          {"host_link.both", 2 * one_way}};
}

}  // namespace rackproof::cuda
