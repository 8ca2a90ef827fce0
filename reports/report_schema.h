// SPDX-License-Identifier: Apache-2.0
// The JSON Schema of report.json, shipped so that other people's tools can rely on it.
#pragma once

#include <string_view>

namespace rackproof {

/// JSON Schema, draft 7, of what to_json(Report) gives.
[[nodiscard]] std::string_view report_schema();

}  // namespace rackproof
