// SPDX-License-Identifier: Apache-2.0
// A Multi-Process Service puts its server between a program and the GPU: one client's fault ends
// them all, and its limits are not the GPU's. Its daemon shows among the host's processes.
#include <algorithm>

#include "hardware/condition.h"
#include "hardware/sensors/value_file.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDaemon = "nvidia-cuda-mps";  // as far as the kernel keeps names

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

ConditionRecord look(const ConditionPlace& place) {
  std::error_code problem;
  fs::directory_iterator entry(place.root / "proc", problem);
  for (; !problem && entry != fs::directory_iterator(); entry.increment(problem)) {
    const std::string pid = entry->path().filename();
    if (!is_number(pid)) continue;
    const ValueFile name = read_value_file(entry->path() / "comm");  // it may have ended meanwhile
    if (name.state == Reading::State::value && trimmed(name.text).starts_with(kDaemon))
      return decided(false, "MPS runs (process " + pid + ")", "no MPS",
                     "echo quit | nvidia-cuda-mps-control");
  }
  if (problem) return not_known((place.root / "proc").string() + ": " + problem.message());
  return decided(true, "no MPS", "no MPS", "");
}

[[maybe_unused]] const bool kRegistered =
    register_condition({.name = "gpu.mps",
                        .summary = "no Multi-Process Service runs on the host",
                        .of = ConditionInfo::Of::gpu,
                        .look = look});

}  // namespace
}  // namespace rackproof
