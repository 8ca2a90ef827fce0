// SPDX-License-Identifier: Apache-2.0
// A healthy H200: what nvidia-smi shows of one under load, in NVML's units (mW, mJ, MHz, degC).
#include "hardware/nvml/fake/script.h"

namespace rackproof::nvml_fake {
namespace {

const std::map<std::string, std::string>& values() {
  static const std::map<std::string, std::string> all{
      {"power", "650000"},
      {"energy", "1000000000 +650000"},
      {"power.limit", "700000"},
      {"power.enforced_limit", "700000"},
      {"power.default_limit", "700000"},
      {"power.min_limit", "200000"},
      {"power.max_limit", "700000"},
      {"clock.graphics", "1980"},
      {"clock.sm", "1980"},
      {"clock.memory", "3201"},
      {"clock.max.graphics", "1980"},
      {"clock.max.sm", "1980"},
      {"clock.max.memory", "3201"},
      {"clock.application.graphics", "1980"},
      {"clock.application.sm", "1980"},
      {"clock.application.memory", "3201"},
      {"clock.default.graphics", "1980"},
      {"clock.default.sm", "1980"},
      {"clock.default.memory", "3201"},
      {"clock.boost.graphics", "1980"},
      {"reasons", "0"},
      {"pstate", "0"},
      {"temp", "55"},
      {"temp.margin", "32"},
      {"fans", "0"},
      {"ecc.mode", "1"},
      {"ecc.pending", "1"},
      {"sram_threshold", "0"},
      {"rows.corrected", "0"},
      {"rows.uncorrected", "0"},
      {"rows.pending", "0"},
      {"rows.failed", "0"},
      {"pcie.replays", "0"},
      {"pcie.generation", "5"},
      {"pcie.width", "16"},
      {"pcie.max_generation", "5"},
      {"pcie.max_width", "16"},
      {"persistence", "1"},
      {"mig", "0"},
      {"mig.pending", "0"},
      {"compute_mode", "0"},
      {"architecture", "9"},
      {"memory.total", "150754820096"},
      {"memory.reserved", "700000000"},
      {"memory.free", "150054820096"},
      {"memory.used", "0"},
      {"handle", "0"},
      {"events", "0"},
      {"xid", "-"},
      {"lost", "0"},
  };
  return all;
}

// Numbers of NVML_FI_DEV_...: what a Hopper card answers.
const std::map<std::string, std::string>& fields() {
  static const std::map<std::string, std::string> all{
      {"74", "0"},   {"75", "0"},   {"76", "0"},  {"77", "0"},  {"79", "0"},  {"82", "60"},
      {"91", "18"},  {"95", "0"},   {"161", "0"}, {"162", "0"}, {"163", "0"}, {"169", "0"},
      {"173", "0"},  {"174", "0"},  {"175", "0"}, {"176", "0"}, {"177", "0"}, {"178", "0"},
      {"179", "0"},  {"180", "0"},  {"181", "0"}, {"182", "0"}, {"183", "0"}, {"186", "650000"},
      {"193", "-8"}, {"194", "-2"}, {"230", "0"}, {"269", "0"}, {"270", "0"}, {"271", "0"},
  };
  return all;
}

std::string in(const std::map<std::string, std::string>& all, const std::string& key) {
  const auto found = all.find(key);
  return found == all.end() ? "" : found->second;
}

}  // namespace

std::string healthy(const std::string& key) {
  if (key.starts_with("field.")) {
    const std::string id = key.substr(6);
    return in(fields(), id.substr(0, id.find('.')));
  }
  const bool counted = key.ends_with(".dram") || key.ends_with(".sram") || key.ends_with(".total");
  if (key.starts_with("ecc.") && counted) return "0";
  if (key.starts_with("nvlink.") && key.ends_with(".state")) return "1";
  return in(values(), key);
}

}  // namespace rackproof::nvml_fake
