// SPDX-License-Identifier: Apache-2.0
// The page's parts, each as markup; a part of which the report says nothing says so itself.
#pragma once

#include <string>

#include "core/json.h"
#include "reports/page_html.h"

namespace rackproof {

[[nodiscard]] std::string verdict_part(const PageFacts& facts);  ///< big, with the run's facts
[[nodiscard]] std::string problems_part(const Json& report);     ///< what failed and what next
[[nodiscard]] std::string devices_part(const Json& report);
[[nodiscard]] std::string criteria_part(const Json& report);  ///< every row, a group a step
[[nodiscard]] std::string steps_part(const Json& report);     ///< what ran, and how it ended
/// Nothing where there are none.
[[nodiscard]] std::string miscompares_part(const Json& report);
[[nodiscard]] std::string telemetry_part(const Json& report, const PlotData& plots);
[[nodiscard]] std::string coverage_part(const Json& report);
[[nodiscard]] std::string environment_part(const Json& report);
[[nodiscard]] std::string drill_part(const Json& report);
[[nodiscard]] std::string exposure_part(const Json& report);
[[nodiscard]] std::string events_part(const Json& report);
[[nodiscard]] std::string inventory_part(const Json& report, const Json& inventory);
[[nodiscard]] std::string verify_part(const PageFacts& facts);

}  // namespace rackproof
