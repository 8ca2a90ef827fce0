// SPDX-License-Identifier: Apache-2.0
#include "hardware/aer.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace rackproof {
namespace {

struct BitName {
  unsigned bit;
  const char* name;
};
constexpr BitName kCorrected[] = {{0, "receiver error"},
                                  {6, "bad TLP"},
                                  {7, "bad DLLP"},
                                  {8, "replay number rollover"},
                                  {12, "replay timer timeout"},
                                  {13, "advisory non-fatal error"},
                                  {14, "corrected internal error"},
                                  {15, "header log overflow"}};
constexpr BitName kUncorrected[] = {{4, "data link protocol error"},
                                    {5, "surprise down"},
                                    {12, "poisoned TLP received"},
                                    {13, "flow control protocol error"},
                                    {14, "completion timeout"},
                                    {15, "completer abort"},
                                    {16, "unexpected completion"},
                                    {17, "receiver overflow"},
                                    {18, "malformed TLP"},
                                    {19, "ECRC error"},
                                    {20, "unsupported request"},
                                    {21, "ACS violation"},
                                    {22, "uncorrectable internal error"},
                                    {23, "MC blocked TLP"},
                                    {24, "atomic operation egress blocked"},
                                    {25, "TLP prefix blocked"},
                                    {26, "poisoned TLP egress blocked"}};

std::vector<std::string> names(std::uint32_t status, std::span<const BitName> known) {
  std::vector<std::string> found;
  for (unsigned bit = 0; bit < 32; ++bit) {
    if ((status >> bit & 1u) == 0) continue;
    const auto* entry = std::find_if(known.data(), known.data() + known.size(),
                                     [&](const BitName& b) { return b.bit == bit; });
    const bool named = entry != known.data() + known.size();
    found.push_back(named ? entry->name : fmt::format("bit {}", bit));
  }
  return found;
}

}  // namespace

std::vector<std::string> corrected_error_names(std::uint32_t status) {
  return names(status, kCorrected);
}
std::vector<std::string> uncorrected_error_names(std::uint32_t status) {
  return names(status, kUncorrected);
}

}  // namespace rackproof
