// SPDX-License-Identifier: Apache-2.0
#include "reports/page_html_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace rackproof {
namespace {

constexpr std::size_t kMostPoints = 480000;  // of all sensors together: some 4 MB of page
constexpr std::size_t kLeastStretches = 64;

std::optional<double> parsed(std::string_view text) {
  double value = 0;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || rest != text.data() + text.size() || !std::isfinite(value))
    return {};
  return value;
}

// RFC 4180: a quoted field holds commas, and doubled quotes for single ones.
std::vector<std::string> split_head(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool doubled = quoted && line[i] == '"' && i + 1 < line.size() && line[i + 1] == '"';
    if (doubled) {
      fields.back() += line[i++];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += line[i];
    }
  }
  return fields;
}

// "hwmon0.temp1 [celsius]"
PlotSeries named(const std::string& column) {
  PlotSeries series;
  const auto open = column.rfind(" [");
  series.sensor = column.substr(0, open);
  if (open != std::string::npos && column.ends_with(']')) {
    series.unit = column.substr(open + 2, column.size() - open - 3);
  }
  return series;
}

std::string_view next_field(std::string_view& line) {
  const auto comma = line.find(',');
  const std::string_view one = line.substr(0, comma);
  line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
  return one;
}

std::size_t stretches_for(std::size_t sensors) {
  return std::clamp(kMostPoints / std::max<std::size_t>(sensors, 1), kLeastStretches,
                    PlotReduction::kMostStretches);
}

template <class T>
void keep(std::vector<T>& values, const std::vector<std::uint32_t>& count) {
  std::size_t to = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (count[i] > 0) values[to++] = values[i];
  }
  values.resize(to);
}

}  // namespace

PlotReduction::PlotReduction(double duration_s, std::size_t sensors) {
  const std::size_t stretches = stretches_for(sensors);
  const double usable = std::isfinite(duration_s) ? std::clamp(duration_s, 1.0, 1e9) : 1.0;
  width_s_ = usable / static_cast<double>(stretches);
  time_sum_.resize(stretches);
  time_count_.resize(stretches);
}

Expected<void> PlotReduction::head(std::string_view line) {
  const std::vector<std::string> names = split_head(line);
  if (names.front() != "at_s") return fail("its head does not begin with at_s");
  columns_.clear();
  for (std::size_t i = 1; i < names.size(); ++i) {
    const auto [known, is_new] = index_.try_emplace(names[i], data_.series.size());
    columns_.push_back(known->second);
    if (!is_new || data_.series.size() >= kMostSeries) continue;
    PlotSeries& fresh = data_.series.emplace_back(named(names[i]));
    const std::size_t stretches = time_sum_.size();
    fresh.min.assign(stretches, std::numeric_limits<float>::infinity());
    fresh.max.assign(stretches, -std::numeric_limits<float>::infinity());
    fresh.sum.resize(stretches);
    fresh.count.resize(stretches);
  }
  return {};
}

void PlotReduction::put(std::size_t column, std::size_t stretch, std::string_view value) {
  if (column >= data_.series.size()) return;  // beyond kMostSeries: told in a note
  PlotSeries& series = data_.series[column];
  const auto number = parsed(value);
  if (!number || std::fabs(*number) > std::numeric_limits<float>::max()) {
    ++series.errors;
    return;
  }
  const auto narrow = static_cast<float>(*number);
  series.min[stretch] = std::min(series.min[stretch], narrow);
  series.max[stretch] = std::max(series.max[stretch], narrow);
  series.sum[stretch] += *number;
  ++series.count[stretch];
}

Expected<void> PlotReduction::row(std::string_view line) {
  const auto at_s = parsed(next_field(line));
  if (!at_s || *at_s < 0) return fail("a line without a run time");
  const auto last = static_cast<double>(time_sum_.size() - 1);
  const auto stretch = static_cast<std::size_t>(std::min(*at_s / width_s_, last));
  time_sum_[stretch] += *at_s;
  ++time_count_[stretch];
  ++data_.ticks;
  for (const std::size_t column : columns_) {
    const std::string_view value = next_field(line);
    if (!value.empty()) put(column, stretch, value);
  }
  return {};
}

PlotData PlotReduction::take() {
  for (std::size_t i = 0; i < time_sum_.size(); ++i) {
    if (time_count_[i] > 0) data_.at_s.push_back(time_sum_[i] / time_count_[i]);
  }
  for (PlotSeries& series : data_.series) {
    keep(series.min, time_count_);
    keep(series.max, time_count_);
    keep(series.sum, time_count_);
    keep(series.count, time_count_);
  }
  std::erase_if(data_.series, [](const PlotSeries& series) {  // nothing to draw
    return std::all_of(series.count.begin(), series.count.end(), [](auto n) { return n == 0; });
  });
  std::stable_sort(data_.series.begin(), data_.series.end(),
                   [](const PlotSeries& a, const PlotSeries& b) { return a.sensor < b.sensor; });
  return std::move(data_);
}

}  // namespace rackproof
