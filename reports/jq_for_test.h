// SPDX-License-Identifier: Apache-2.0
// For tests: the jq program of verify.sh over several reports at once.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/folder_for_test.h"
#include "reports/verify_guide.h"

namespace rackproof {

/// One line of JSON for each report; when jq fails, only what it says.
inline std::vector<std::string> verdict_program_on(const std::vector<std::string>& reports) {
  const TestFolder folder;
  std::ofstream(folder / "program.jq") << verdict_program();
  std::ofstream input(folder / "reports");
  for (const std::string& one : reports) input << one << '\n';
  input.close();
  const std::string command = fmt::format("jq -c -f {} {} 2>&1", (folder / "program.jq").string(),
                                          (folder / "reports").string());
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string output;
  char buffer[512];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) output += buffer;
  if (::pclose(pipe) != 0) return {output};
  std::vector<std::string> lines;
  std::istringstream stream(output);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace rackproof
