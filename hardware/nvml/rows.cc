// SPDX-License-Identifier: Apache-2.0
// Broken memory that a card has put out of use: rows replaced by spare ones, and before Ampere
// pages.
#include "hardware/nvml/groups.h"

namespace rackproof::nvml {
namespace {

void read_remapped(const Card& card, Readings& readings) {
  unsigned corrected = 0, uncorrected = 0, pending = 0, failed = 0;
  Answer answer{.call = "nvmlDeviceGetRemappedRows"};
  answer.code = Session::call(card.api().DeviceGetRemappedRows, card.handle, &corrected,
                              &uncorrected, &pending, &failed);
  const auto with = [&answer](unsigned value) {
    Answer one = answer;
    one.value = value;
    return one;
  };
  readings.counter("rows.corrected", Unit::count, with(corrected));
  readings.counter("rows.uncorrected", Unit::count, with(uncorrected));
  readings.gauge("rows.remapped", Unit::count, with(corrected + uncorrected));
  readings.flag("rows.pending", with(pending));
  readings.flag("rows.failed", with(failed));
}

}  // namespace

void read_rows(const Card& card, Readings& readings) {
  read_remapped(card, readings);
  const std::vector<Answer> pages = ask_fields(card, {{NVML_FI_DEV_RETIRED_SBE},
                                                      {NVML_FI_DEV_RETIRED_DBE},
                                                      {NVML_FI_DEV_RETIRED_PENDING},
                                                      {NVML_FI_DEV_GET_GPU_RECOVERY_ACTION}});
  readings.counter("pages.corrected", Unit::count, pages[0]);
  readings.counter("pages.uncorrected", Unit::count, pages[1]);
  readings.flag("pages.pending", pages[2]);
  readings.flag("recovery_needed", pages[3]);
}

}  // namespace rackproof::nvml
