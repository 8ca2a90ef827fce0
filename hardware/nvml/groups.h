// SPDX-License-Identifier: Apache-2.0
// The groups of questions that a card is asked at every look; docs/reference/sensors.md lists them.
#pragma once

#include <map>

#include "hardware/nvml/readings.h"

namespace rackproof::nvml {

void read_power(const Card& card, Readings& readings);
void read_clocks(const Card& card, Readings& readings);
void read_temperatures(const Card& card, Readings& readings);
void read_ecc(const Card& card, Readings& readings);
void read_rows(const Card& card, Readings& readings);
void read_pcie(const Card& card, Readings& readings);
void read_nvlinks(const Card& card, Readings& readings);

/// Xids of one card since it began to listen, by their codes. Not thread-safe.
class XidListener {
 public:
  explicit XidListener(Card card);
  XidListener(const XidListener&) = delete;
  XidListener& operator=(const XidListener&) = delete;
  ~XidListener();
  /// All that have come since the last look, without waiting for more.
  void read(Readings& readings);

 private:
  nvmlReturn_t take();  // what ended it: NVML_ERROR_TIMEOUT when there is no more

  Card card_;
  nvmlEventSet_t set_ = nullptr;
  Answer begun_;  ///< of the first call that failed, or success
  std::map<unsigned long long, double> counts_;
};

}  // namespace rackproof::nvml
