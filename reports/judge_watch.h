// SPDX-License-Identifier: Apache-2.0
// Did a required sensor answer, all of the time that devices were under load? Silence is not
// health.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/judge_case.h"

namespace rackproof {

/// A stretch of the run, in seconds since it began.
struct Span {
  double begin = 0, end = 0;
};

/// Length of `spans` (merged, in any order) that lies in `within`, or of all when `within` is null.
[[nodiscard]] double covered_s(std::vector<Span> spans, const std::vector<Span>* within = nullptr);

struct Watch {
  double share = 0;    ///< of the worst matching sensor: readings that answered, or time covered
  std::string detail;  ///< in words
};

/// Sensors whose name matches `pattern`; `device` empty: of any device.
[[nodiscard]] Watch watch_of(const Case& judged, std::string_view pattern,
                             const std::string& device);

/// The kernel log: time under load in which it was read without loss. Without proof that it was
/// read, none.
[[nodiscard]] Watch watch_of_kernel_log(const Case& judged);

}  // namespace rackproof
