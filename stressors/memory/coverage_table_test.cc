// SPDX-License-Identifier: Apache-2.0
// The published table is what the simulation says, and the Markdown is what the data says.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "stressors/memory/coverage_table_for_test.h"

namespace rackproof {
namespace {

std::string published(const std::string& file) {
  return read_file(std::string(RACKPROOF_SOURCE_DIR) + "/docs/reference/" + file).value();
}

Json published_memories() {
  return parse_json(published("memory-coverage.json")).value().at("memories");
}

TEST(CoverageTable, IsWrittenTheSameFromItsOwnData) {
  const Json memories = published_memories();
  EXPECT_EQ(published("memory-coverage.json"), coverage_json(memories));
  EXPECT_EQ(published("memory-coverage.md"), coverage_text(memories));
}

// The classes whose faults are few: those of one cell and of the decoder, and one of two cells.
TEST(CoverageTable, HoldsWhatTheSimulationSays) {
  const CoverageMemory memory = coverage_memories().at(0);
  const Json rows = published_memories().at(0).at("classes");
  for (int d = 1; d <= kCellDefects; ++d) {
    const auto defect = static_cast<CellDefect>(d);
    if (is_coupling(defect) && defect != CellDefect::cfin) continue;
    EXPECT_EQ(rows.at(static_cast<std::size_t>(d - 1)), coverage_row(defect, memory));
  }
}

TEST(CoverageTable, ShowsThatTheMarchFindsEveryFaultOfEveryClass) {
  for (const Json& memory : published_memories()) {
    ASSERT_EQ(memory["classes"].size(), 17U);
    for (std::size_t test = 0; test < 3; ++test) {
      EXPECT_EQ(memory["tests"].at(test).at("test"), "memory.march");
      for (const Json& row : memory["classes"])
        EXPECT_EQ(row["found"].at(test), row["injected"]) << row["class"];
    }
  }
}

}  // namespace
}  // namespace rackproof
