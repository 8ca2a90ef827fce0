// SPDX-License-Identifier: Apache-2.0
// What is not PASS among the rows that one line of the page stands for.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reports/report.h"

namespace rackproof {

using CriterionRows = std::vector<const CriterionResult*>;

/// "; FAIL floor, peers on n2-d5; INCOMPLETE floor on n0-d1: no attempt finished"; empty when all
/// PASS. `label` names a row's limit within its line.
[[nodiscard]] std::string trouble_text(
    const CriterionRows& rows, const std::function<std::string(const CriterionResult&)>& label);

}  // namespace rackproof
