// SPDX-License-Identifier: Apache-2.0
#include "hardware/nvml/card_source.h"

#include <optional>
#include <utility>

#include "hardware/nvml/groups.h"

namespace rackproof::nvml {
namespace {

class CardSource : public SensorSource {
 public:
  explicit CardSource(Card card) : card_(std::move(card)) {}

  [[nodiscard]] std::string name() const override { return "nvml." + card_.bdf; }

  [[nodiscard]] std::vector<Reading> read() override {
    if (!xids_) xids_.emplace(card_);
    Readings readings(card_, begun_);
    xids_->read(readings);
    for (const auto group : {read_power, read_clocks, read_temperatures, read_ecc, read_rows,
                             read_pcie, read_nvlinks}) {
      group(card_, readings);
    }
    if (lost_.empty()) lost_ = readings.lost();
    readings.flag("lost",
                  {.code = NVML_SUCCESS, .value = lost_.empty() ? 0.0 : 1.0, .detail = lost_});
    return readings.take();
  }

 private:
  Card card_;
  std::optional<XidListener> xids_;
  std::set<std::string> begun_;
  std::string lost_;  ///< why; once lost, a card does not count as found again
};

}  // namespace

std::unique_ptr<SensorSource> card_source(Card card) {
  return std::make_unique<CardSource>(std::move(card));
}

}  // namespace rackproof::nvml
