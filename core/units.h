// SPDX-License-Identifier: Apache-2.0
// Quantities with units: what profiles write ("52 GB/s"), what limits compare, what reports print.
// GB = 1e9 bytes, GiB = 2^30 bytes; a missing or wrong unit is an error that names the right one.
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"

namespace rackproof {

enum class Unit {
  count,  ///< no unit
  ratio,  ///< 1 = 100 %
  second,
  hertz,
  byte,
  bytes_per_second,
  bits_per_second,  ///< network line rates
  flops,            ///< floating-point operations per second (FLOP/s)
  ops,              ///< integer operations per second (OP/s)
  watt,
  joule,
  celsius,
  volt,
  ampere,
  rpm,
};

/// A number in its unit's base (bytes, seconds, FLOP/s, ratio 1 = 100 %).
struct Quantity {
  double value = 0;
  Unit unit = Unit::count;
  friend bool operator==(const Quantity&, const Quantity&) = default;
};

/// Parses a non-negative or negative decimal number and a unit: "52 GB/s", "5 %", "24 h", "700W",
/// "1979 TOP/s", "12". Refuses NaN, infinity, hex, unknown units (with the nearest known one).
[[nodiscard]] Expected<Quantity> parse_quantity(std::string_view text);

/// Parses and requires the unit; the message says what was found and shows the right form.
[[nodiscard]] Expected<double> parse_as(std::string_view text, Unit unit);

/// "4.15 TB/s", "97 %", "64 MiB" (bytes print binary when they divide evenly, else decimal),
/// "1.5 s", "24 h"; four significant digits.
[[nodiscard]] std::string format(Quantity quantity);
[[nodiscard]] inline std::string format(double value, Unit unit) {
  return format(Quantity{value, unit});
}

/// Stable word for records: "bytes_per_second". `unit_from_name` is its inverse.
[[nodiscard]] std::string_view name(Unit unit);
[[nodiscard]] Expected<Unit> unit_from_name(std::string_view name);

}  // namespace rackproof
