// SPDX-License-Identifier: Apache-2.0
// Plot data as the viewer reads it: small, and the same bytes on every machine.
#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/dsse.h"
#include "reports/page_html_plots.h"

namespace rackproof {
namespace {

constexpr std::uint16_t kNothing = 0xFFFF;
constexpr double kSteps = 0xFFFE;

void put_u16(std::string& bytes, std::uint16_t value) {
  bytes += static_cast<char>(value & 0xFF);
  bytes += static_cast<char>(value >> 8);
}

std::string packed_times(const std::vector<double>& times) {
  std::string bytes;
  for (const double at_s : times) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(at_s));
    put_u16(bytes, static_cast<std::uint16_t>(bits & 0xFFFF));
    put_u16(bytes, static_cast<std::uint16_t>(bits >> 16));
  }
  return base64(bytes);
}

struct Range {
  double lo = 0, hi = 0;
  [[nodiscard]] std::uint16_t step(double value) const {
    if (hi <= lo) return 0;
    const double share = std::clamp((value - lo) / (hi - lo), 0.0, 1.0);
    return static_cast<std::uint16_t>(std::lround(share * kSteps));
  }
};

Range range_of(const PlotSeries& series) {
  Range range;
  bool any = false;
  for (std::size_t i = 0; i < series.count.size(); ++i) {
    if (series.count[i] == 0) continue;
    range.lo = any ? std::min<double>(range.lo, series.min[i]) : series.min[i];
    range.hi = any ? std::max<double>(range.hi, series.max[i]) : series.max[i];
    any = true;
  }
  return range;
}

bool is_reduced(const PlotSeries& series) {
  for (std::size_t i = 0; i < series.count.size(); ++i) {
    if (series.count[i] > 1 && series.min[i] < series.max[i]) return true;
  }
  return false;
}

std::string packed_values(const PlotSeries& series, const Range& range, bool reduced) {
  std::string bytes;
  for (std::size_t i = 0; i < series.count.size(); ++i) {
    const bool some = series.count[i] > 0;
    const double mean = some ? series.sum[i] / series.count[i] : 0;
    if (reduced) put_u16(bytes, some ? range.step(series.min[i]) : kNothing);
    put_u16(bytes, some ? range.step(mean) : kNothing);
    if (reduced) put_u16(bytes, some ? range.step(series.max[i]) : kNothing);
  }
  return base64(bytes);
}

// A sensor that always said the same needs no points.
bool is_constant(const PlotSeries& series, const Range& range) {
  return range.lo == range.hi &&
         std::none_of(series.count.begin(), series.count.end(), [](auto n) { return n == 0; });
}

Json packed(const PlotSeries& series) {
  const Range range = range_of(series);
  const bool reduced = is_reduced(series);
  Json row{{"sensor", series.sensor}, {"unit", series.unit}, {"lo", range.lo}, {"hi", range.hi}};
  if (series.errors > 0) row["errors"] = series.errors;
  if (is_constant(series, range)) return row;
  row["values"] = packed_values(series, range, reduced);
  row["parts"] = reduced ? 3 : 1;
  return row;
}

}  // namespace

Json to_json(const PlotData& data) {
  Json series = Json::array();
  for (const PlotSeries& one : data.series) series.push_back(packed(one));
  return {{"at_s", packed_times(data.at_s)}, {"ticks", data.ticks}, {"series", std::move(series)}};
}

}  // namespace rackproof
