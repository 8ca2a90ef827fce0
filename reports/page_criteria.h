// SPDX-License-Identifier: Apache-2.0
// The page's table of limits: one line a step for integrity, one a metric for its rate.
#pragma once

#include <string>

#include "reports/report.h"

namespace rackproof {

/// Whatever is not PASS is named with its devices and limits, and why where a value lacks; only
/// whole steps that PASS are cut, with their count.
[[nodiscard]] std::string criteria_text(const Report& report, const Plan& plan);

}  // namespace rackproof
