// SPDX-License-Identifier: Apache-2.0
// All windows of the kernel log as one line.
#pragma once

#include <string>

#include "core/evidence.h"

namespace rackproof {

struct KernelLogSum {
  std::uint64_t records = 0, lost = 0, errors = 0;  ///< errors: windows that could not be read
  bool proven = false;
  std::string error;  ///< the last one
};
[[nodiscard]] inline KernelLogSum kernel_log_sum(const Evidence& evidence) {
  KernelLogSum sum;
  for (const KernelLogWindow& window : evidence.kernel_log) {
    sum.records += window.records;
    sum.lost += window.lost;
    sum.proven = sum.proven || window.proven;
    if (window.error.empty()) continue;
    ++sum.errors;
    sum.error = window.error;
  }
  return sum;
}

}  // namespace rackproof
