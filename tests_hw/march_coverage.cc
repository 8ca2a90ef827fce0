// SPDX-License-Identifier: Apache-2.0
// march_coverage FOLDER: computes which memory faults the stressors find and writes
// FOLDER/memory-coverage.md and .json; the repository keeps them in docs/reference.
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/json.h"
#include "stressors/memory/coverage_table_for_test.h"

namespace {

bool written(const std::filesystem::path& file, const std::string& text) {
  const auto done = rackproof::write_file(file, text);
  if (!done) std::fprintf(stderr, "%s\n", done.error().text().c_str());
  return done.has_value();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: march_coverage FOLDER\n", stderr);
    return 64;
  }
  const std::filesystem::path folder = argv[1];
  const rackproof::Json table = rackproof::coverage_table();
  const bool both = written(folder / "memory-coverage.json", rackproof::coverage_json(table)) &&
                    written(folder / "memory-coverage.md", rackproof::coverage_text(table));
  return both ? 0 : 1;
}
