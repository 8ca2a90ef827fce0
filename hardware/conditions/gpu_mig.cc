// SPDX-License-Identifier: Apache-2.0
// A GPU that is cut into instances shows a part of itself, and others may have the rest.
#include <fmt/format.h>

#include "hardware/conditions/gpu_facts.h"

namespace rackproof {
namespace {

ConditionRecord check(const GpuFacts& facts, const ConditionPlace& /*place*/) {
  // A GPU that knows no MIG cannot have it on.
  if (facts.mig.unsupported) return decided(true, "has no MIG", "MIG off", "");
  if (!facts.mig.value) return facts.mig.unread();
  const bool on = facts.mig.value->now, pending = facts.mig.value->pending;
  const std::string found = on == pending ? (on ? "MIG on" : "MIG off")
                            : on          ? "MIG on, off after the next reset"
                                          : "MIG off, on after the next reset";
  const std::string reset = fmt::format("nvidia-smi -i {} -r, or reboot", facts.index);
  return decided(
      !on, found, "MIG off",
      pending ? fmt::format("nvidia-smi -i {} -mig 0, then {}", facts.index, reset) : reset);
}

[[maybe_unused]] const bool kRegistered =
    register_gpu_check<check>({.name = "gpu.mig", .summary = "MIG is off"});

}  // namespace
}  // namespace rackproof
