// SPDX-License-Identifier: Apache-2.0
// A driver older than the profile demands, or than this program needs.
#include <fmt/format.h>

#include "hardware/conditions/gpu_facts.h"
#include "hardware/version_number.h"

namespace rackproof {
namespace {

#ifdef RACKPROOF_CUDA_VERSION
constexpr const char* kBuiltFor = RACKPROOF_CUDA_VERSION;
#else
constexpr const char* kBuiltFor = "";
#endif

ConditionRecord compare(const std::string& what, const std::string& found,
                        const std::string& wanted) {
  const auto now = parse_version(found), least = parse_version(wanted);
  if (!now) return not_known(what + ": " + now.error().message);
  if (!least) return not_known(what + ": " + least.error().message);
  return decided(*now >= *least, what + " " + found, fmt::format("at least {}", wanted),
                 "install a newer driver, then reboot");
}

ConditionRecord check_driver(const GpuFacts& facts, const ConditionPlace& place) {
  if (!facts.mismatch.empty()) {
    return decided(false, facts.mismatch, fmt::format("at least {}", place.wanted),
                   "reboot: the driver was updated while its old kernel module stayed loaded");
  }
  if (!facts.driver.value) return facts.driver.unread();
  return compare("driver", *facts.driver.value, place.wanted);
}

ConditionRecord check_cuda(const GpuFacts& facts, const ConditionPlace& place) {
  if (!facts.cuda.value) return facts.cuda.unread();
  const std::string wanted = place.wanted.empty() ? kBuiltFor : place.wanted;
  if (wanted.empty()) return not_known("this program was built without CUDA, and needs no version");
  return compare("driver for CUDA", *facts.cuda.value, wanted);
}

[[maybe_unused]] const bool kDriver =
    register_gpu_check<check_driver>({.name = "gpu.driver",
                                      .summary = "the driver is no older than at_least",
                                      .bound = ConditionInfo::Bound::at_least,
                                      .version = true,
                                      .needs_value = true});

[[maybe_unused]] const bool kCuda = register_gpu_check<check_cuda>(
    {.name = "gpu.cuda",
     .summary = "the driver runs CUDA at_least, without it the one that this program was built for",
     .bound = ConditionInfo::Bound::at_least,
     .version = true});

}  // namespace
}  // namespace rackproof
