// SPDX-License-Identifier: Apache-2.0
#include "core/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

namespace rackproof {
namespace {

struct UnitName {
  Unit unit;
  std::string_view name;     // in records
  std::string_view example;  // in messages
};

constexpr std::array kUnits{
    UnitName{Unit::count, "count", "12"},
    UnitName{Unit::ratio, "ratio", "5 %"},
    UnitName{Unit::second, "second", "60 s"},
    UnitName{Unit::hertz, "hertz", "10 Hz"},
    UnitName{Unit::byte, "byte", "64 MiB"},
    UnitName{Unit::bytes_per_second, "bytes_per_second", "52 GB/s"},
    UnitName{Unit::bits_per_second, "bits_per_second", "400 Gb/s"},
    UnitName{Unit::flops, "flops", "989 TFLOP/s"},
    UnitName{Unit::ops, "ops", "1979 TOP/s"},
    UnitName{Unit::watt, "watt", "700 W"},
    UnitName{Unit::joule, "joule", "60 J"},
    UnitName{Unit::celsius, "celsius", "89 degC"},
    UnitName{Unit::volt, "volt", "48 V"},
    UnitName{Unit::ampere, "ampere", "20 A"},
    UnitName{Unit::rpm, "rpm", "9000 rpm"},
};

struct Suffix {
  std::string text;
  Unit unit;
  double scale;
};

void add_decimal(std::vector<Suffix>& all, const std::string& stem, Unit unit,
                 const std::vector<std::pair<const char*, double>>& prefixes) {
  for (const auto& [prefix, scale] : prefixes) all.push_back({prefix + stem, unit, scale});
}

// Every accepted unit text. Case matters: mW is not MW, Gb/s is not GB/s.
const std::vector<Suffix>& suffixes() {
  static const std::vector<Suffix> table = [] {
    const std::vector<std::pair<const char*, double>> big = {
        {"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"P", 1e15}, {"E", 1e18}};
    std::vector<Suffix> all = {
        {"", Unit::count, 1},       {"%", Unit::ratio, 0.01},   {"s", Unit::second, 1},
        {"ms", Unit::second, 1e-3}, {"us", Unit::second, 1e-6}, {"ns", Unit::second, 1e-9},
        {"min", Unit::second, 60},  {"h", Unit::second, 3600},  {"d", Unit::second, 86400},
        {"degC", Unit::celsius, 1}, {"mW", Unit::watt, 1e-3},   {"mV", Unit::volt, 1e-3},
        {"mA", Unit::ampere, 1e-3}, {"rpm", Unit::rpm, 1},
    };
    add_decimal(all, "B", Unit::byte, big);
    add_decimal(all, "B/s", Unit::bytes_per_second, big);
    add_decimal(all, "b/s", Unit::bits_per_second, big);
    add_decimal(all, "FLOP/s", Unit::flops, big);
    add_decimal(all, "OP/s", Unit::ops, big);
    add_decimal(all, "W", Unit::watt, {{"", 1}, {"k", 1e3}, {"M", 1e6}});
    add_decimal(all, "J", Unit::joule, {{"", 1}, {"k", 1e3}, {"M", 1e6}});
    add_decimal(all, "Hz", Unit::hertz, {{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}});
    add_decimal(all, "V", Unit::volt, {{"", 1}, {"k", 1e3}});
    add_decimal(all, "A", Unit::ampere, {{"", 1}, {"k", 1e3}});
    double scale = 1024;
    for (const char* prefix : {"Ki", "Mi", "Gi", "Ti", "Pi"}) {
      all.push_back({std::string(prefix) + "B", Unit::byte, scale});
      all.push_back({std::string(prefix) + "B/s", Unit::bytes_per_second, scale});
      scale *= 1024;
    }
    return all;
  }();
  return table;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

const UnitName& entry(Unit unit) {
  return *std::find_if(kUnits.begin(), kUnits.end(),
                       [unit](const UnitName& u) { return u.unit == unit; });
}

struct LeadingNumber {
  double value;
  std::size_t length;  // in characters
};

// nullopt: it begins with none, or with one that is not finite.
std::optional<LeadingNumber> leading_number(std::string_view text) {
  double value = 0;
  const auto [rest, status] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::general);
  if (status != std::errc{} || !std::isfinite(value)) return std::nullopt;
  return LeadingNumber{value, static_cast<std::size_t>(rest - text.data())};
}

// Largest listed scale that leaves the value at least 1; the smallest one for tiny values.
std::string scaled(double value, const std::vector<std::pair<const char*, double>>& steps) {
  const double magnitude = std::fabs(value);
  const auto* chosen = &steps.back();
  for (const auto& step : steps) {
    if (magnitude >= step.second * 0.99995) {
      chosen = &step;
      break;
    }
  }
  if (magnitude == 0)
    chosen =
        &*std::find_if(steps.begin(), steps.end(), [](const auto& s) { return s.second == 1; });
  return fmt::format("{:.4g} {}", value / chosen->second, chosen->first);
}

std::string format_decimal(double value, const std::string& stem) {
  static constexpr std::array<std::pair<const char*, double>, 7> kPrefixes{
      {{"E", 1e18}, {"P", 1e15}, {"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"k", 1e3}, {"", 1}}};
  std::vector<std::string> texts;
  std::vector<std::pair<const char*, double>> steps;
  texts.reserve(kPrefixes.size());
  for (const auto& [prefix, scale] : kPrefixes) {
    texts.push_back(prefix + stem);
    steps.emplace_back(texts.back().c_str(), scale);
  }
  return scaled(value, steps);
}

std::string format_bytes(double value) {
  double scale = 1;
  const char* suffix = "B";
  for (const char* candidate : {"KiB", "MiB", "GiB", "TiB"}) {
    if (value < scale * 1024 || std::fmod(value, scale * 1024) != 0) break;
    scale *= 1024;
    suffix = candidate;
  }
  const bool readable = scale > 1 && value / scale < 100000;
  if (readable) return fmt::format("{:.10g} {}", value / scale, suffix);
  return format_decimal(value, "B");
}

}  // namespace

Expected<Quantity> parse_quantity(std::string_view whole) {
  const std::string_view text = trim(whole);
  const auto number = leading_number(text);
  if (!number)
    return fail(fmt::format("'{}' is not a number with a unit, such as '52 GB/s' or '5 %'", whole));
  const std::string_view suffix = trim(text.substr(number->length));
  for (const Suffix& known : suffixes()) {
    if (known.text == suffix) return Quantity{number->value * known.scale, known.unit};
  }
  std::vector<std::string> known;
  for (const Suffix& s : suffixes()) known.push_back(s.text);
  const std::string near = nearest(std::string(suffix), known);
  return fail(fmt::format("unknown unit '{}' in '{}'{}", suffix, whole,
                          near.empty() ? "" : "; did you mean '" + near + "'?"));
}

Expected<double> parse_as(std::string_view text, Unit unit) {
  const auto right = [unit] {
    return fmt::format("expected {}, for example '{}'", name(unit), entry(unit).example);
  };
  if (!leading_number(trim(text))) {
    return fail(fmt::format("'{}' is not a number{}: {}", text,
                            unit == Unit::count ? "" : " with a unit", right()));
  }
  const auto quantity = parse_quantity(text);
  if (!quantity) return fail(quantity.error().message + "; " + right());
  if (quantity->unit == unit) return quantity->value;
  if (quantity->unit == Unit::count)
    return fail(fmt::format("'{}' lacks its unit: {}", text, right()));
  return fail(fmt::format("'{}' is in {}, {}", text, name(quantity->unit), right()));
}

std::string format(Quantity quantity) {
  const double value = quantity.value;
  switch (quantity.unit) {
    case Unit::count:
      return fmt::format("{:.10g}", value);
    case Unit::ratio:
      return fmt::format("{:.4g} %", value * 100);
    case Unit::second:
      if (value >= 3600 && std::fmod(value, 3600) == 0)
        return fmt::format("{:.10g} h", value / 3600);
      if (value >= 60 && std::fmod(value, 60) == 0) return fmt::format("{:.10g} min", value / 60);
      return scaled(value, {{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}});
    case Unit::byte:
      return format_bytes(value);
    case Unit::bytes_per_second:
      return format_decimal(value, "B/s");
    case Unit::bits_per_second:
      return format_decimal(value, "b/s");
    case Unit::flops:
      return format_decimal(value, "FLOP/s");
    case Unit::ops:
      return format_decimal(value, "OP/s");
    case Unit::watt:
      return scaled(value, {{"MW", 1e6}, {"kW", 1e3}, {"W", 1}, {"mW", 1e-3}});
    case Unit::joule:
      return scaled(value, {{"MJ", 1e6}, {"kJ", 1e3}, {"J", 1}});
    case Unit::hertz:
      return scaled(value, {{"GHz", 1e9}, {"MHz", 1e6}, {"kHz", 1e3}, {"Hz", 1}});
    case Unit::celsius:
      return fmt::format("{:.4g} degC", value);
    case Unit::volt:
      return scaled(value, {{"kV", 1e3}, {"V", 1}, {"mV", 1e-3}});
    case Unit::ampere:
      return scaled(value, {{"kA", 1e3}, {"A", 1}, {"mA", 1e-3}});
    case Unit::rpm:
      return fmt::format("{:.6g} rpm", value);
  }
  return fmt::format("{}", value);
}

std::string_view name(Unit unit) { return entry(unit).name; }

Expected<Unit> unit_from_name(std::string_view wanted) {
  for (const UnitName& u : kUnits) {
    if (u.name == wanted) return u.unit;
  }
  return fail(fmt::format("unknown unit name '{}'", wanted));
}

}  // namespace rackproof
