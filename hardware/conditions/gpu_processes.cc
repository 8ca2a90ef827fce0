// SPDX-License-Identifier: Apache-2.0
// Somebody else works on the GPU: its rates are not the GPU's, and its memory is not all ours.
#include <fmt/format.h>

#include "hardware/conditions/gpu_facts.h"

namespace rackproof {
namespace {

constexpr std::size_t kMostNames = 4;

std::string text_of(const GpuProcess& process) {
  return fmt::format("{} ({}, {})", process.pid,
                     process.name.empty() ? "name unknown" : process.name, process.use);
}

ConditionRecord check(const GpuFacts& facts, const ConditionPlace& /*place*/) {
  if (!facts.processes.value) return facts.processes.unread();
  const auto& processes = *facts.processes.value;
  if (processes.empty()) return decided(true, "none", "no other process", "");
  std::string found = processes.size() == 1 ? "process " : "processes ", pids;
  for (std::size_t i = 0; i < processes.size() && i < kMostNames; ++i) {
    found += (i == 0 ? "" : ", ") + text_of(processes[i]);
    pids += fmt::format(" {}", processes[i].pid);
  }
  if (processes.size() > kMostNames)
    found += fmt::format(" and {} more", processes.size() - kMostNames);
  return decided(false, found, "no other process", fmt::format("end the job, or kill{}", pids));
}

[[maybe_unused]] const bool kRegistered = register_gpu_check<check>(
    {.name = "gpu.processes", .summary = "no other process uses the GPU", .steady = false});

}  // namespace
}  // namespace rackproof
