// SPDX-License-Identifier: Apache-2.0
// Fuzzes the journal: its frames, and evidence made of records in any order.
#include <nlohmann/json.hpp>

#include "core/evidence.h"
#include "core/file_for_fuzz.h"
#include "core/journal.h"
#include "core/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  const std::string_view bytes = text_of(data, size);
  for (const bool torn : {false, true}) (void)read_journal(file_for_fuzz(bytes), torn);
  Evidence evidence;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    if (const auto record = parse_json(bytes.substr(at, end - at))) (void)evidence.apply(*record);
    at = end + 1;
  }
  return 0;
}
