// SPDX-License-Identifier: Apache-2.0
// The bundle's full-rate telemetry, reduced to what a plot can show; no spike is lost.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace rackproof {

/// One sensor over the run: least, mean and greatest of each stretch of time.
struct PlotSeries {
  std::string sensor, unit;     ///< unit as in records: "celsius"
  std::uint64_t errors = 0;     ///< readings that failed
  std::vector<float> min, max;  ///< one a stretch
  std::vector<double> sum;
  std::vector<std::uint32_t> count;  ///< 0: nothing was read
};

struct PlotData {
  std::vector<double> at_s;  ///< middle of each stretch's readings; those without any are left out
  std::vector<PlotSeries> series;
  std::vector<std::string> notes;  ///< what could not be read, and why
  std::uint64_t ticks = 0;
  [[nodiscard]] bool empty() const { return series.empty(); }
};

/// Takes ticks in any order and keeps a bounded number of stretches.
class PlotReduction {
 public:
  static constexpr std::size_t kMostStretches = 2000;
  static constexpr std::size_t kMostSeries = 4000;

  /// `sensors`: how many are expected; the more, the fewer stretches, so that memory stays bounded.
  PlotReduction(double duration_s, std::size_t sensors);

  /// A segment's head and then its lines. A line that is none of ours is an Error.
  [[nodiscard]] Expected<void> head(std::string_view line);
  [[nodiscard]] Expected<void> row(std::string_view line);
  /// What was taken, without stretches and sensors in which there is nothing.
  [[nodiscard]] PlotData take();

 private:
  void put(std::size_t column, std::size_t stretch, std::string_view value);

  double width_s_;
  std::vector<double> time_sum_;
  std::vector<std::uint32_t> time_count_;
  std::map<std::string, std::size_t> index_;  ///< of series, by column name
  std::vector<std::size_t> columns_;          ///< the open segment's, as indices of series
  PlotData data_;
};

/// Reads the segments that `report` lists, or else those that lie in telemetry/. What is missing,
/// changed or broken is a note, never a refusal: the page says so.
[[nodiscard]] PlotData read_plots(const std::filesystem::path& bundle, const Json& report);

/// For the viewer: base64 of little-endian Float32 times, and of 16-bit steps between lo and hi.
[[nodiscard]] Json to_json(const PlotData& data);

}  // namespace rackproof
