// SPDX-License-Identifier: Apache-2.0
// What a GPU's driver says about its settings and users, as plain data: conditions compare these,
// and what reads them (hardware/nvml/) is built where the vendor's header is there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/device.h"
#include "core/error.h"
#include "hardware/condition.h"

namespace rackproof {

/// A value, or why there is none.
template <class T>
struct Fact {
  std::optional<T> value;
  bool unsupported = false;  ///< the card or its driver does not offer it
  std::string why = "was not read";

  [[nodiscard]] ConditionRecord unread() const {
    return unsupported ? not_supported(why) : not_known(why);
  }
};

struct GpuProcess {
  std::uint32_t pid = 0;
  std::string name;  ///< empty: not known here (another container's)
  std::string use;   ///< "compute", "graphics", "mps"
};

/// MHz, as the driver counts.
struct GpuClocks {
  std::uint32_t graphics = 0, memory = 0;
};

struct GpuSwitch {
  bool now = false, pending = false;  ///< pending: after the next reset
};

struct GpuFacts {
  std::string mismatch;  ///< kernel driver and library are of two versions: nothing else is known
  std::string index;     ///< as nvidia-smi -i takes it: its number, else its PCI address
  Fact<std::vector<GpuProcess>> processes;  ///< without our own
  Fact<GpuSwitch> ecc, mig;
  Fact<bool> persistence;
  Fact<double> power_limit_w;           ///< the one that is in force
  Fact<double> default_power_limit_w;   ///< as the card was made
  Fact<double> most_power_limit_w;      ///< what can be set
  Fact<GpuClocks> clocks, most_clocks;  ///< application clocks, and what the card can do
  Fact<bool> clocks_held;               ///< the driver says that a setting holds them down
  Fact<std::string> compute_mode;       ///< "default", "exclusive process", "prohibited"
  Fact<std::string> driver;             ///< "580.65.06"
  Fact<std::string> cuda;               ///< the newest CUDA that this driver runs: "13.0"
};

/// Of none of which anything is known, for this reason.
[[nodiscard]] GpuFacts nothing_known(const std::string& why);

/// An Error says why nothing can be read: no library, no such GPU.
using GpuFactsReader = Expected<GpuFacts> (*)(const DeviceInfo& device);
bool register_gpu_facts(GpuFactsReader reader);
/// The facts of this device; looked up once by each process, which looks once.
[[nodiscard]] const Expected<GpuFacts>& gpu_facts(const DeviceInfo& device);

/// A condition that compares facts with what is wanted.
struct GpuCondition {
  ConditionInfo info;
  ConditionRecord (*check)(const GpuFacts& facts, const ConditionPlace& place) = nullptr;
};
bool register_gpu_condition(GpuCondition condition);
/// `info.name`'s check of these facts; unknown where there is no such condition.
[[nodiscard]] ConditionRecord check_gpu(const std::string& name, const GpuFacts& facts,
                                        const ConditionPlace& place);

/// Registers a condition whose `check` is given as the template's argument.
template <ConditionRecord (*Check)(const GpuFacts&, const ConditionPlace&)>
bool register_gpu_check(ConditionInfo info) {
  info.of = ConditionInfo::Of::gpu;
  info.look = [](const ConditionPlace& place) {
    const auto& facts = gpu_facts(place.device);
    return facts ? Check(*facts, place) : not_known(facts.error().message);
  };
  return register_gpu_condition({info, Check});
}

}  // namespace rackproof
