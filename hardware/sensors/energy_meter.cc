// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/energy_meter.h"

namespace rackproof {

bool EnergyMeter::wrapped(double raw_j, double at_s) const {
  const double rise_j = raw_j + range_j_ - last_raw_->energy_j;
  return range_j_ > 0 && rise_j >= 0 && rise_j <= kMostPower_w * (at_s - last_raw_->at_s);
}

EnergyMeter::Sample EnergyMeter::add(double raw_j, double at_s) {
  if (last_raw_ && raw_j < last_raw_->energy_j) {
    if (wrapped(raw_j, at_s)) {
      wraps_j_ += range_j_;
    } else {
      wraps_j_ = 0;
      base_.reset();
      power_w_.reset();
    }
  }
  last_raw_ = Point{raw_j, at_s};
  const double energy_j = wraps_j_ + raw_j;
  if (!base_) {
    base_ = Point{energy_j, at_s};
  } else if (const double gap_s = at_s - base_->at_s; gap_s >= kLeastGap_s) {
    power_w_ = (energy_j - base_->energy_j) / gap_s;
    base_ = Point{energy_j, at_s};
  }
  return {energy_j, power_w_};
}

}  // namespace rackproof
