// SPDX-License-Identifier: Apache-2.0
#include "core/stressor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace rackproof {
namespace {

std::vector<StressorInfo>& registry() {
  static std::vector<StressorInfo> all;
  return all;
}

std::vector<std::string> words_of(const Choice& choice) {
  return {choice.words.begin(), choice.words.end()};
}

struct Canonical {
  std::string_view text;

  Expected<std::string> operator()(const Param& p) const {
    if (!p.like.empty() && text == p.like) return std::string(text);
    const auto value = parse_as(text, p.unit);
    if (!value) return unreadable(p, value.error());
    if (*value != std::floor(*value))
      return fail(fmt::format("{}: '{}' is not a whole number", p.name, text));
    if (*value < static_cast<double>(p.min) || *value > static_cast<double>(p.max))
      return out_of_range(p);
    const std::string readable = format(*value, p.unit);
    const bool exact = parse_as(readable, p.unit).value_or(-1) == *value;
    return exact || p.unit != Unit::byte ? readable : fmt::format("{:.0f} B", *value);
  }
  Expected<std::string> operator()(const Fraction& f) const {
    const auto value = parse_as(text, Unit::ratio);
    if (!value) return unreadable(f, value.error());
    if (*value < f.min || *value > f.max) return out_of_range(f);
    return format(*value, Unit::ratio);
  }
  Expected<std::string> operator()(const Choice& c) const {
    if (std::find(c.words.begin(), c.words.end(), text) != c.words.end()) return std::string(text);
    const std::string near = nearest(std::string(text), words_of(c));
    return fail(
        fmt::format("{}: unknown word '{}'; {}", c.name, text,
                    near.empty() ? "one of " + range_text(c) : "did you mean '" + near + "'?"));
  }
  [[nodiscard]] static tl::unexpected<Error> unreadable(const AnyParam& p, const Error& why) {
    return fail(fmt::format("{}: {} ({})", name(p), why.message, range_text(p)));
  }
  [[nodiscard]] tl::unexpected<Error> out_of_range(const AnyParam& p) const {
    return fail(fmt::format("{}: {} is out of range ({})", name(p), text, range_text(p)));
  }
};

}  // namespace

std::string_view name(const AnyParam& param) {
  return std::visit([](const auto& p) { return p.name; }, param);
}

std::string_view help(const AnyParam& param) {
  return std::visit([](const auto& p) { return p.help; }, param);
}

std::string range_text(const AnyParam& param) {
  if (const auto* p = std::get_if<Param>(&param)) {
    return fmt::format("{}{}{} ... {}", p->like, p->like.empty() ? "" : " | ",
                       format(static_cast<double>(p->min), p->unit),
                       format(static_cast<double>(p->max), p->unit));
  }
  if (const auto* f = std::get_if<Fraction>(&param)) {
    return fmt::format("{} ... {}", format(f->min, Unit::ratio), format(f->max, Unit::ratio));
  }
  return fmt::format("{}", fmt::join(std::get<Choice>(param).words, " | "));
}

std::string fallback_text(const AnyParam& param) {
  if (const auto* p = std::get_if<Param>(&param)) {
    return p->like.empty() ? format(static_cast<double>(p->fallback), p->unit)
                           : std::string(p->like);
  }
  if (const auto* f = std::get_if<Fraction>(&param)) return format(f->fallback, Unit::ratio);
  return std::string(std::get<Choice>(param).words.front());
}

Expected<std::string> canonical(const AnyParam& param, std::string_view text) {
  return std::visit(Canonical{text}, param);
}

std::string_view name(Subsystem subsystem) {
  constexpr std::array<std::string_view, 4> kNames{"compute", "memory", "interconnect", "power"};
  return kNames[static_cast<std::size_t>(subsystem)];
}

const AnyParam* StressorInfo::param(std::string_view wanted) const {
  const auto found = std::find_if(params.begin(), params.end(),
                                  [&](const AnyParam& p) { return rackproof::name(p) == wanted; });
  return found == params.end() ? nullptr : &*found;
}

const Metric* StressorInfo::metric(std::string_view wanted) const {
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const Metric& m) { return m.name == wanted; });
  return found == metrics.end() ? nullptr : &*found;
}

std::string peak_key(const Metric& metric, const std::map<std::string, std::string>& params) {
  std::string key(metric.peak);
  for (const auto& [param, value] : params) {
    const std::string slot = "{" + param + "}";
    if (const auto at = key.find(slot); at != std::string::npos)
      key.replace(at, slot.size(), value);
  }
  return key;
}

Unit shown_unit(Unit unit, const std::map<std::string, std::string>& params) {
  const auto dtype = params.find("dtype");
  return unit == Unit::flops && dtype != params.end() && dtype->second.starts_with("int")
             ? Unit::ops
             : unit;
}

bool register_stressor(StressorInfo info) {
  std::vector<StressorInfo>& all = registry();
  const auto by_name = [](const StressorInfo& a, const StressorInfo& b) { return a.name < b.name; };
  const auto place = std::lower_bound(all.begin(), all.end(), info, by_name);
  if (place != all.end() && place->name == info.name) {
    std::fprintf(stderr, "two stressors are named %s\n", std::string(info.name).c_str());
    std::abort();
  }
  all.insert(place, std::move(info));
  return true;
}

const std::vector<StressorInfo>& stressors() { return registry(); }

const StressorInfo* find_stressor(std::string_view wanted) {
  const auto found = std::find_if(registry().begin(), registry().end(),
                                  [&](const StressorInfo& s) { return s.name == wanted; });
  return found == registry().end() ? nullptr : &*found;
}

Error unknown_stressor(std::string_view wanted) {
  std::vector<std::string> known;
  for (const StressorInfo& s : registry()) {
    if (!s.hidden) known.emplace_back(s.name);
  }
  const std::string near = nearest(std::string(wanted), known);
  return Error{fmt::format(
      "unknown stressor '{}'{}", wanted,
      near.empty() ? "; `rackproof stressors` lists them" : "; did you mean '" + near + "'?")};
}

}  // namespace rackproof
