// SPDX-License-Identifier: Apache-2.0
// A small campaign in which everything is as it should be, for tests that break one thing of it.
#pragma once

#include <string>
#include <vector>

#include "core/evidence.h"
#include "core/plan.h"
#include "reports/report.h"

namespace rackproof::testing {

inline constexpr const char* kFirstDrill = "demo/01 drill compute.gemm";
inline constexpr const char* kLoad = "demo/02 compute.gemm dtype=fp32";
inline constexpr const char* kLastDrill = "demo/03 drill compute.gemm";
inline constexpr const char* kWork = "gemm fp32 fp32 512 512 512 exact";

/// A plan, what happened, and ways to get at the parts.
struct Campaign {
  Plan plan;
  Evidence evidence;

  [[nodiscard]] Report judged() const { return judge(plan, evidence); }
  TaskRecord& task(const std::string& step, const std::string& device = "d0");
  PlannedStep& step(const std::string& id);
  PlannedCriterion& criterion(const std::string& metric, Rule rule,
                              const std::string& device = "d0");
  /// Adds another attempt as a copy of the last one and returns it.
  TaskRecord& retry(const std::string& step, const std::string& device = "d0");
  /// Sets the throughput's statistics of every window of the load step.
  void throughput(const std::string& device, double value);
  void forget(const std::string& step, const std::string& device = "d0");
};

/// Devices d0 ... d(n-1): a drill, one load step of 10 s at 100 (floor 90, peers 5 %), a drill;
/// memory, cores and one sensor covered. PASS.
[[nodiscard]] Campaign healthy(std::size_t devices = 4);

/// The row of that criterion, of the first device unless named.
[[nodiscard]] CriterionResult row(const Report& report, const std::string& metric, Rule rule,
                                  const std::string& device = "d0");
[[nodiscard]] TaskResult task_row(const Report& report, const std::string& step,
                                  const std::string& device = "d0");
/// All evidence lines of the report's problems, one a line.
[[nodiscard]] std::string problem_text(const Report& report);

[[nodiscard]] MetricWindow metric_window(const std::string& metric, double value,
                                         std::uint64_t count = 5);
[[nodiscard]] EventRecord event(const std::string& kind, const std::string& severity,
                                const std::string& device, const std::string& text);

}  // namespace rackproof::testing
