// SPDX-License-Identifier: Apache-2.0
// Without ECC no counter tells of a memory that decays, and bandwidth is another one.
#include <fmt/format.h>

#include "hardware/conditions/gpu_facts.h"

namespace rackproof {
namespace {

ConditionRecord check(const GpuFacts& facts, const ConditionPlace& /*place*/) {
  if (!facts.ecc.value) return facts.ecc.unread();
  const bool on = facts.ecc.value->now, pending = facts.ecc.value->pending;
  const std::string found = on == pending ? (on ? "ECC on" : "ECC off")
                            : on          ? "ECC on, off after the next reset"
                                          : "ECC off, on after the next reset";
  const std::string reset = fmt::format("nvidia-smi -i {} -r, or reboot", facts.index);
  return decided(
      on, found, "ECC on",
      pending ? reset : fmt::format("nvidia-smi -i {} -e 1, then {}", facts.index, reset));
}

[[maybe_unused]] const bool kRegistered =
    register_gpu_check<check>({.name = "gpu.ecc", .summary = "ECC is on"});

}  // namespace
}  // namespace rackproof
