// SPDX-License-Identifier: Apache-2.0
// A card's answers as readings: "nvml.0000:1b:00.0.power".
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hardware/nvml/card.h"
#include "hardware/sensor.h"

namespace rackproof::nvml {

/// One look at one card.
class Readings {
 public:
  /// `begun`: counters from zero that have been told of before; kept between the looks.
  Readings(const Card& card, std::set<std::string>& begun) : card_(card), begun_(begun) {}

  void gauge(std::string_view name, Unit unit, const Answer& answer);
  void counter(std::string_view name, Unit unit, const Answer& answer);
  /// A counter that is known to have begun at zero: what it shows at the first look is a rise too.
  void from_zero(std::string_view name, const Answer& answer);
  /// A state that must not be: 0 or 1, told as a rise also when it stood before the first look.
  void flag(std::string_view name, Answer answer);
  /// A flag that stands while `active` is 0 after it has been 1 at some look.
  void fell(std::string_view name, Answer active);
  void unsupported(std::string_view name, std::string why);

  /// Of the first answer that said that the card is lost; empty: none did.
  [[nodiscard]] const std::string& lost() const { return lost_; }
  [[nodiscard]] std::vector<Reading> take() { return std::move(readings_); }

 private:
  Reading& add(std::string_view name, Unit unit, const Answer& answer);

  const Card& card_;
  std::set<std::string>& begun_;
  std::vector<Reading> readings_;
  std::string lost_;
};

}  // namespace rackproof::nvml
