// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "reports/judge_coverage.h"

namespace rackproof {
namespace {

constexpr double kGapShare = 0.05;  // of the time under load: windows start and end beside it
constexpr double kGap_s = 5;
constexpr double kClocks_s = 0.05;  // between a task's record and the window's beside it

std::vector<Span> merged(std::vector<Span> spans) {
  std::erase_if(spans, [](const Span& s) {
    return !std::isfinite(s.begin) || !std::isfinite(s.end) || s.end <= s.begin;
  });
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::vector<Span> whole;
  for (const Span& span : spans) {
    if (!whole.empty() && span.begin <= whole.back().end) {
      whole.back().end = std::max(whole.back().end, span.end);
    } else {
      whole.push_back(span);
    }
  }
  return whole;
}

double overlap_s(const std::vector<Span>& a, const std::vector<Span>& b) {
  double sum = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    sum += std::max(0.0, std::min(a[i].end, b[j].end) - std::max(a[i].begin, b[j].begin));
    a[i].end < b[j].end ? ++i : ++j;
  }
  return sum;
}

struct SensorSum {
  std::uint64_t answered = 0, silent = 0;
  std::string error;
  std::vector<Span> spans;

  void take(const SensorWindow& window) {
    answered += window.count;
    silent += window.errors + window.unsupported;
    if (!window.error.empty()) error = window.error;
    const bool sane =
        std::isfinite(window.min) && std::isfinite(window.median) && std::isfinite(window.max);
    if (window.count > 0 && sane)
      spans.push_back({window.start_s, window.start_s + window.length_s});
  }
};

Watch judge_sensor(const std::string& name, const SensorSum& sum, const std::vector<Span>& load) {
  const double load_s = covered_s(load), watched_s = covered_s(sum.spans, &load);
  const auto asked = static_cast<double>(sum.answered + sum.silent);
  Watch watch{asked > 0 ? static_cast<double>(sum.answered) / asked : 0,
              fmt::format("{} answered {} of {} readings{}", name, sum.answered,
                          sum.answered + sum.silent, sum.error.empty() ? "" : ", " + sum.error)};
  if (load_s - watched_s > std::max(kGap_s, kGapShare * load_s) || watched_s <= 0) {
    const double share = load_s > 0 ? watched_s / load_s : 0;
    if (share < watch.share)
      watch = {share, fmt::format("{} was watched for {:.3g} s of {:.3g} s under load", name,
                                  watched_s, load_s)};
  }
  return watch;
}

std::vector<Span> time_under_load(const Case& judged) {
  std::vector<Span> spans;
  for (const Attempt& attempt : judged.attempts()) {
    spans.push_back({attempt.task->start_s, attempt.task->end_s});
  }
  return spans;
}

}  // namespace

double covered_s(std::vector<Span> spans, const std::vector<Span>* within) {
  const std::vector<Span> own = merged(std::move(spans));
  return within == nullptr ? overlap_s(own, own) : overlap_s(own, merged(*within));
}

bool matches(std::string_view pattern, std::string_view text) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (matches(pattern, text.substr(i))) return true;
  }
  return false;
}

Watch watch_of(const Case& judged, std::string_view pattern, const std::string& device) {
  std::map<std::pair<std::string, std::string>, SensorSum> sensors;
  for (const SensorWindow& window : judged.evidence().sensors) {
    const bool here = device.empty() || window.device == device;
    if (here && matches(pattern, window.sensor))
      sensors[{window.sensor, window.device}].take(window);
  }
  Watch worst{sensors.empty() ? 0.0 : 1.0, "no sensor of that name answered"};
  const std::vector<Span> load = time_under_load(judged);
  bool first = true;
  for (const auto& [key, sum] : sensors) {
    Watch watch = judge_sensor(key.first, sum, load);
    if (first || watch.share < worst.share) worst = std::move(watch);
    first = false;
  }
  return worst;
}

Watch watch_of_kernel_log(const Case& judged) {
  std::vector<Span> whole;
  std::uint64_t lost = 0;
  bool proven = false;
  std::string error;
  for (const KernelLogWindow& window : judged.evidence().kernel_log) {
    lost += window.lost;
    proven = proven || window.proven;
    if (!window.error.empty()) error = window.error;
    if (window.error.empty() && window.lost == 0)
      whole.push_back({window.start_s, window.start_s + window.length_s});
  }
  if (judged.evidence().kernel_log.empty()) return {0, "it was not read"};
  const std::vector<Span> load = time_under_load(judged);
  const double load_s = covered_s(load), watched_s = covered_s(std::move(whole), &load);
  const double share = load_s - watched_s <= kClocks_s ? 1 : watched_s / load_s;
  if (!error.empty()) return {std::min(share, 1.0), error};
  if (lost > 0)
    return {share, fmt::format("{} lines were overwritten before they could be read", lost)};
  if (!proven) return {0, "nothing proves that it was read: no line of our own came back"};
  return {share, fmt::format("it was read for {:.3g} s of {:.3g} s under load", watched_s, load_s)};
}

}  // namespace rackproof
