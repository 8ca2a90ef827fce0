// SPDX-License-Identifier: Apache-2.0
// The coverage ledger: which share of what is there was really tested or watched.
#pragma once

#include "reports/judge_case.h"
#include "reports/judge_cause.h"
#include "reports/report.h"

namespace rackproof {

/// One row for each planned demand; causes of those not met are appended.
[[nodiscard]] std::vector<CoverageResult> judge_coverage(const Case& judged, Causes& causes);

/// Greatest amount of memory that one attempt tested whole, every word.
[[nodiscard]] double memory_tested_bytes(const Case& judged, const std::string& device);

/// `pattern` against the whole of `text`; '*' stands for any text.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view text);

}  // namespace rackproof
