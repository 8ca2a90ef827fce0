// SPDX-License-Identifier: Apache-2.0
// Fuzzes profiles: YAML, schema, extends and linter.
#include "core/file_for_fuzz.h"
#include "profiles/profile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  const auto profile = parse_profile(std::string(text_of(data, size)), "fuzz.yaml");
  if (profile && !parse_profile(profile->resolved_yaml, "resolved.yaml")) std::abort();
  return 0;
}
