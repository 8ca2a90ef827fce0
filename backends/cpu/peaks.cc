// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/peaks.h"

#include <hwy/targets.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace rackproof::cpu {
namespace {

// No CPU sold boosts beyond this; used where the kernel does not say.
constexpr double kFastestHz = 6.5e9;
constexpr double kSlowestHz = 1e9;

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

// Only these drivers' maximum is known to have the boost in it (acpi-cpufreq, cppc_cpufreq and
// others leave it out); a bound that is too low would be a false alarm.
bool maximum_has_boost(const std::string& driver) {
  return driver == "intel_pstate" || driver == "intel_cpufreq" || driver == "amd-pstate-epp" ||
         driver == "amd-pstate";
}

double max_hz(const std::filesystem::path& root) {
  const auto folder = root / "sys/devices/system/cpu/cpu0/cpufreq";
  if (!maximum_has_boost(first_line(folder / "scaling_driver"))) return kFastestHz;
  std::ifstream in(folder / "cpuinfo_max_freq");
  double khz = 0;
  return in >> khz && khz > 0 ? khz * 1e3 * 1.1 : kFastestHz;  // 10 % for clock and timer error
}

// The clock that is guaranteed; where the kernel does not say, the present one.
double base_hz(const std::filesystem::path& root) {
  std::ifstream base(root / "sys/devices/system/cpu/cpu0/cpufreq/base_frequency");
  if (double khz = 0; base >> khz && khz > 0) return khz * 1e3;
  std::ifstream in(root / "proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (!line.starts_with("cpu MHz") || colon == std::string::npos) continue;
    const double mhz = std::strtod(line.c_str() + colon + 1, nullptr);
    if (mhz > 0) return mhz * 1e6;
  }
  return kSlowestHz;
}

#if HWY_ARCH_X86
constexpr unsigned kFmaUnits = 2, kUnknownBytes = 16;
unsigned vector_bytes(std::int64_t targets) {
  if ((targets & (HWY_AVX3 | HWY_AVX3_DL)) != 0) return 64;
  return (targets & HWY_AVX2) != 0 ? 32 : kUnknownBytes;
}
unsigned dispatched_bytes(std::int64_t targets) { return vector_bytes(targets); }
#else
constexpr unsigned kFmaUnits = 4;
unsigned vector_bytes(std::int64_t) { return 256; }     // SVE's longest
unsigned dispatched_bytes(std::int64_t) { return 16; }  // the kernels leave SVE out
#endif

}  // namespace

Speed speed_of(unsigned pus, unsigned cores, const std::filesystem::path& root) {
  const std::int64_t targets = hwy::SupportedTargets();
  return {pus,       cores,        vector_bytes(targets), dispatched_bytes(targets),
          kFmaUnits, max_hz(root), base_hz(root)};
}

namespace {

// Floating types below fp32 run in its units.
std::map<std::string, double> gemm_rates(double int8, double fp32) {
  std::map<std::string, double> rates{{"gemm.int8", int8}, {"gemm.fp64", fp32 / 2}};
  for (const char* type : {"fp32", "tf32", "fp16", "bf16", "fp8_e4m3", "fp8_e5m2", "fp4_e2m1"})
    rates[std::string("gemm.") + type] = fp32;
  return rates;
}

// Both directions share the cores and the memory.
constexpr const char* kHostLinks[] = {"host_link", "host_link.h2d", "host_link.d2h",
                                      "host_link.both"};

}  // namespace

std::map<std::string, double> ceilings(const Speed& s) {
  const double fp32 = s.widest_bytes / 4.0 * s.fma_units * 2 * s.pus * s.max_hz;
  const double bytes = 2.0 * 64 * s.pus * s.max_hz;  // two cache-line wide accesses a cycle
  // int8: VNNI does four times fp32's operations; 10 % on top for good measure.
  auto all = gemm_rates(4.4 * fp32, fp32);
  all["memory"] = bytes;
  for (const char* link : kHostLinks) all[link] = bytes;
  return all;
}

std::map<std::string, double> nominals(const Speed& s) {
  const double fp32 = s.dispatched_bytes / 4.0 * 2 * s.cores * s.base_hz;  // one FMA unit
  // A channel of the slowest memory in use gives some 20 GB/s and serves several PUs; a single PU
  // sustains 4 GB/s of it even with the checks in between.
  auto all = gemm_rates(2 * fp32, fp32);
  all["memory"] = std::min(4e9 * s.pus, 20e9);
  for (const char* link : kHostLinks) all[link] = all["memory"];
  return all;
}

}  // namespace rackproof::cpu
