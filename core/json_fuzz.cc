// SPDX-License-Identifier: Apache-2.0
// Fuzzes the JSON reader, and every record that is made from JSON.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/context.h"
#include "core/evidence.h"
#include "core/file_for_fuzz.h"
#include "core/json.h"
#include "core/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  const auto json = parse_json(text_of(data, size));
  if (!json) return 0;
  (void)genesis_from_json(*json);
  (void)settings_from_json(*json);
  (void)plan_from_json(*json);
  (void)device_from_json(*json);
  (void)fault_from_json(*json);
  if (const auto window = window_from_json(*json)) {
    if (!window_from_json(to_json(*window))) std::abort();
  }
  return 0;
}
