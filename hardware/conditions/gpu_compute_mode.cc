// SPDX-License-Identifier: Apache-2.0
// An exclusive GPU takes one process, a prohibited one none: steps that run beside each other fail.
#include <fmt/format.h>

#include "hardware/conditions/gpu_facts.h"

namespace rackproof {
namespace {

constexpr const char* kDefault = "default";

ConditionRecord check(const GpuFacts& facts, const ConditionPlace& /*place*/) {
  if (!facts.compute_mode.value) return facts.compute_mode.unread();
  const std::string& mode = *facts.compute_mode.value;
  return decided(mode == kDefault, "compute mode " + mode, "compute mode default",
                 fmt::format("nvidia-smi -i {} -c 0", facts.index));
}

[[maybe_unused]] const bool kRegistered = register_gpu_check<check>(
    {.name = "gpu.compute_mode", .summary = "the compute mode is the default, not exclusive"});

}  // namespace
}  // namespace rackproof
