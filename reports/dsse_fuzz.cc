// SPDX-License-Identifier: Apache-2.0
// Fuzzes DSSE envelopes: what is read is written the same.
#include <cstdlib>

#include "core/file_for_fuzz.h"
#include "reports/dsse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  const auto envelope = parse_envelope(text_of(data, size));
  if (!envelope) return 0;
  if (open_envelope(*envelope, {})) std::abort();  // no key, no trust
  const auto again = parse_envelope(to_json_line(*envelope));
  if (!again || again->unverified_payload != envelope->unverified_payload) std::abort();
  return 0;
}
