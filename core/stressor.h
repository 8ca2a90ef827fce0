// SPDX-License-Identifier: Apache-2.0
// A stressor is a description and a function, registered at the bottom of its one file.
// Stressors measure; profiles judge: no threshold, no printing, no exit inside a stressor.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/fault.h"
#include "core/units.h"

namespace rackproof {

class Context;

/// One quantity that a stressor records.
struct Metric {
  std::string_view name;
  Unit unit = Unit::count;
  std::string_view help;
  std::string_view peak =
      {};  ///< key in DeviceInfo's ceilings and nominals; "{dtype}" stands for that parameter
};

/// A whole number, perhaps with a unit (Unit::byte: "64 MiB").
struct Param {
  std::string_view name;
  std::int64_t fallback = 0, min = 0, max = 0;
  std::string_view help;
  Unit unit = Unit::count;
  /// Another Param of the same unit, whose value is the default; its name stands for that.
  std::string_view like = {};
};

/// A share of something, written in percent.
struct Fraction {
  std::string_view name;
  double fallback = 0, min = 0, max = 1;
  std::string_view help;
};

/// One of a few words; the first is the default.
struct Choice {
  std::string_view name;
  std::span<const std::string_view> words;
  std::string_view help;
};

using AnyParam = std::variant<Param, Fraction, Choice>;
[[nodiscard]] std::string_view name(const AnyParam& param);
[[nodiscard]] std::string_view help(const AnyParam& param);
/// "4 KiB ... 1 TiB", "0 % ... 100 %", "int8 | fp32".
[[nodiscard]] std::string range_text(const AnyParam& param);
/// The default, in canonical form.
[[nodiscard]] std::string fallback_text(const AnyParam& param);
/// The one spelling of a value that plans, labels and reports use ("65536 KiB" becomes "64 MiB").
/// Refuses a wrong unit, a value out of range, an unknown word, with what would be right.
[[nodiscard]] Expected<std::string> canonical(const AnyParam& param, std::string_view text);

/// How a stressor needs the step's other devices of its own node and back end.
enum class Peers {
  none,         ///< not at all
  copies,       ///< data crosses between them, one burst on one device at a time
  collectives,  ///< a burst on one device is a burst on all of them
};

enum class Subsystem { compute, memory, interconnect, power };
[[nodiscard]] std::string_view name(Subsystem subsystem);

/// Everything that help, profile validation, plans and reports say about a stressor.
struct StressorInfo {
  std::string_view name;  ///< "compute.gemm"
  std::string_view summary;
  Subsystem subsystem = Subsystem::compute;
  std::vector<Metric> metrics;
  std::vector<AnyParam> params;
  void (*run)(Context&) = nullptr;
  bool by_passes = false;                                     ///< can run `for: one pass`
  std::vector<FaultSite> drill_sites;                         ///< where a drill strikes it
  std::map<std::string_view, std::string_view> drill_params;  ///< smaller settings for the drill
  bool hidden = false;                                        ///< not in users' lists
  Peers peers = Peers::none;  ///< else it runs as a gang of two devices at least

  [[nodiscard]] const AnyParam* param(std::string_view wanted) const;
  [[nodiscard]] const Metric* metric(std::string_view wanted) const;
};

/// The metric's peak key with its {parameters} filled in; empty when it has none.
[[nodiscard]] std::string peak_key(const Metric& metric,
                                   const std::map<std::string, std::string>& params);

/// How people read it: integer arithmetic (dtype int8) in OP/s, whatever the metric calls its unit.
[[nodiscard]] Unit shown_unit(Unit unit, const std::map<std::string, std::string>& params);

bool register_stressor(StressorInfo info);
/// All, sorted by name. Two of one name end the program at start: a broken invariant.
[[nodiscard]] const std::vector<StressorInfo>& stressors();
[[nodiscard]] const StressorInfo* find_stressor(std::string_view name);
/// "unknown stressor 'compute.gem'; did you mean 'compute.gemm'?"
[[nodiscard]] Error unknown_stressor(std::string_view name);

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): a registration must be a definition at file scope.
#define RACKPROOF_STRESSOR(id, ...)                              \
  [[maybe_unused]] static const bool rackproof_registered_##id = \
      ::rackproof::register_stressor(::rackproof::StressorInfo __VA_ARGS__)

}  // namespace rackproof
