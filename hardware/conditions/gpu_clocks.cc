// SPDX-License-Identifier: Apache-2.0
// Clocks that a setting holds below what the card can do.
#include <fmt/format.h>

#include "hardware/conditions/gpu_facts.h"

namespace rackproof {
namespace {

constexpr const char* kWanted = "no clock held below the card's maximum";

std::string clocks_text(const GpuClocks& now, const GpuClocks& most) {
  return fmt::format("application clocks {} of {} MHz, memory {} of {} MHz", now.graphics,
                     most.graphics, now.memory, most.memory);
}

std::string remedy(const GpuFacts& facts, const std::optional<GpuClocks>& most) {
  const std::string set =
      most ? fmt::format("-ac {},{}", most->memory, most->graphics) : std::string("-rac");
  return fmt::format("nvidia-smi -i {0} -rgc; nvidia-smi -i {0} -rmc; nvidia-smi -i {0} {1}",
                     facts.index, set);
}

// Newer drivers have no application clocks any more; the driver's own word is left then.
ConditionRecord check_held(const GpuFacts& facts) {
  if (!facts.clocks_held.value) return facts.clocks_held.unread();
  const bool held = *facts.clocks_held.value;
  return decided(!held, held ? "the driver says that a setting holds the clocks down" : "not held",
                 kWanted, remedy(facts, std::nullopt));
}

ConditionRecord check(const GpuFacts& facts, const ConditionPlace& /*place*/) {
  const auto& now = facts.clocks.value;
  const auto& most = facts.most_clocks.value;
  if (!now && !facts.clocks.unsupported) return facts.clocks.unread();
  if (!now) return check_held(facts);
  if (!most) return facts.most_clocks.unread();
  const bool low = now->graphics < most->graphics || now->memory < most->memory;
  const std::string found = clocks_text(*now, *most);
  if (low) return decided(false, found, kWanted, remedy(facts, most));
  const ConditionRecord held = check_held(facts);
  return held.state == ConditionState::bad ? held : decided(true, found, kWanted, "");
}

[[maybe_unused]] const bool kRegistered = register_gpu_check<check>(
    {.name = "gpu.clocks",
     .summary = "no application or locked clock holds the GPU below its maximum"});

}  // namespace
}  // namespace rackproof
