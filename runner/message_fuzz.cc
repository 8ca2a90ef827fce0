// SPDX-License-Identifier: Apache-2.0
// Fuzzes what a worker may send: lines, readings, device lists.
#include <nlohmann/json.hpp>

#include "core/file_for_fuzz.h"
#include "runner/assignment.h"
#include "runner/message.h"
#include "runner/planner.h"
#include "runner/telemetry_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  LineBuffer lines;
  lines.append(text_of(data, size));
  while (const auto line = lines.next()) {
    const auto message = decode(*line);
    if (!message) continue;
    (void)reading_from_json(*message);
    (void)tick_from_json(*message);
    (void)kernel_news_from_json(*message);
    (void)assignment_from_json(*message);
    (void)rack_from_json(*message);
  }
  return 0;
}
