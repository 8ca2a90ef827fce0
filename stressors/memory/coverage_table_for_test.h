// SPDX-License-Identifier: Apache-2.0
// For tests: the published table of what the memory stressors find, computed and written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "stressors/memory/coverage_campaign_for_test.h"

namespace rackproof {

/// A test and an order of accesses: one column.
struct CoverageColumn {
  MemoryTest test;
  CellOrder order = CellOrder::any_order;
};
/// Ours and, for contrast, the classic tests.
[[nodiscard]] std::vector<CoverageColumn> coverage_columns();

/// One memory and how its faults are chosen.
struct CoverageMemory {
  CellShape shape;
  std::optional<std::uint64_t> pairs;  ///< of cells, drawn at random; none: all
};
[[nodiscard]] std::vector<CoverageMemory> coverage_memories();

/// {"words", "bits", "pairs" (null: all), "tests": [{"test", "order", "operations" a word}],
/// "classes": [{"class", "injected", "found": [of each test]}]}.
[[nodiscard]] Json coverage_of(const CoverageMemory& memory);
/// One of its classes.
[[nodiscard]] Json coverage_row(CellDefect defect, const CoverageMemory& memory);
/// The whole table as data, one coverage_of() for each memory.
[[nodiscard]] Json coverage_table();

/// The table as it is kept: a line for each test and class.
[[nodiscard]] std::string coverage_json(const Json& table);
/// The same for people, as Markdown.
[[nodiscard]] std::string coverage_text(const Json& table);

}  // namespace rackproof
