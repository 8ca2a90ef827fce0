// SPDX-License-Identifier: Apache-2.0
// When a synthetic device's quirks strike: each counts its own chances, so that `after` and `every`
// mean the bursts that could suffer it.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "backends/synthetic/description.h"
#include "backends/synthetic/work.h"

namespace rackproof {

class Quirks {
 public:
  explicit Quirks(SyntheticDescription description);

  /// Hangs, ends the process or throws DeviceError, where the description says so.
  void obstruct(const Work& work);
  /// How much too late this burst answers, in seconds.
  [[nodiscard]] double lateness();
  /// A draw when a bit of stored memory is to flip before the work reads it.
  [[nodiscard]] Upset upset(const Work& work, const RunFor& how);
  /// A wrong element of this burst's result, if there is to be one.
  [[nodiscard]] std::optional<Damage> damage(const Work& work, const RunFor& how,
                                             std::uint64_t iterations);
  /// At least 1: how much longer this burst takes than its speed says.
  [[nodiscard]] double drag(const Work& work);
  [[nodiscard]] bool lies(Lie lie) const { return is_.lie == lie; }
  [[nodiscard]] bool silent() const { return is_.silent; }
  /// Which core computed or checked the element.
  [[nodiscard]] std::uint32_t core_of(std::uint64_t element) const {
    return static_cast<std::uint32_t>(element % is_.cores);
  }

 private:
  enum Counter : std::size_t {
    kHang,
    kError,
    kCrash,
    kLate,
    kWrong,
    kDrag,
    kLinkHang,
    kLinkWrong,
    kCounters
  };
  std::uint64_t next(Counter counter) { return chances_[counter].fetch_add(1); }
  bool strikes(Counter counter, std::uint64_t every);
  [[nodiscard]] std::uint64_t draw(Counter counter) const;
  [[nodiscard]] std::optional<std::uint64_t> victim(const Work& work, const RunFor& how,
                                                    std::uint64_t draw) const;
  [[nodiscard]] bool concerns(const Work& work) const;
  [[nodiscard]] bool crosses_link(const Work& work, bool LinkQuirk::*quirk) const;
  [[nodiscard]] std::optional<Damage> damage_of_link(const Work& work, const RunFor& how);

  SyntheticDescription is_;
  Wrong wrong_;
  std::array<std::atomic<std::uint64_t>, kCounters> chances_{};
};

}  // namespace rackproof
