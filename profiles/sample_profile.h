// SPDX-License-Identifier: Apache-2.0
// For tests: a faultless profile, the same with one line exchanged, and what the loader says of it.
#pragma once

#include <string>
#include <vector>

#include "profiles/profile.h"

namespace rackproof {

inline std::vector<std::string> sample_lines() {
  return {
      "schema: rackproof/profile/1",
      "name: sample",
      "revision: 1",
      "hardware: {rack: {nodes: 2}, node: {accelerators: "
      "[{kind: synthetic, count: 2, memory: {bandwidth: 440 GB/s}, peak: {fp32: 22 TFLOP/s}}]}}",
      "limits:",
      "  compute.gemm:",
      "    - {metric: throughput, where: {dtype: fp32}, floor: 18 TFLOP/s, source: test}",
      "coverage: {cores: 100 %}",
      "stages:",
      "  - stage: demo",
      "    steps:",
      "      - {run: compute.gemm, on: synthetic, with: {dtype: [int8, fp32]}, for: 3 s}",
      "      - {run: memory.march, on: synthetic, for: one pass}",
  };
}

/// Line `number` (from 1) reads `text`; 0: none does.
inline std::string sample_with(int number, const std::string& text) {
  std::vector<std::string> lines = sample_lines();
  if (number > 0) lines[static_cast<std::size_t>(number) - 1] = text;
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

/// Each error as "file:line:column: message".
inline std::vector<std::string> problems(const std::string& yaml,
                                         const std::string& file = "p.yaml") {
  std::vector<std::string> texts;
  const auto profile = parse_profile(yaml, file);
  if (profile) return texts;
  for (const Error& error : profile.error()) texts.push_back(error.text());
  return texts;
}

/// One wrong line and the only message that it must bring.
struct WrongLine {
  int number;
  std::string text, message;
};

}  // namespace rackproof
