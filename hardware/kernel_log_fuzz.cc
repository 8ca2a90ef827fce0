// SPDX-License-Identifier: Apache-2.0
// Fuzzes kernel logs: one record, its meaning, and a saved log of many lines.
#include "core/file_for_fuzz.h"
#include "hardware/kernel_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  if (const auto record = parse_kernel_record(text_of(data, size))) (void)classify(*record);
  if (const auto records = read_dmesg(file_for_fuzz(text_of(data, size)))) {
    for (const KernelRecord& record : *records) (void)classify(record);
  }
  return 0;
}
