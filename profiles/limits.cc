// SPDX-License-Identifier: Apache-2.0
// `limits`: one ProfileLimit for each rule of each entry.
#include <fmt/format.h>

#include "profiles/lint.h"
#include "profiles/parameters.h"

namespace rackproof {
namespace {

constexpr double kMostUncertainty = 0.5;
constexpr std::string_view kSensors = "sensors";  // no stressor: limits on what the box says

const Metric* read_metric(const Node& node, const StressorInfo& info) {
  const Metric* metric = info.metric(node.text());
  if (metric != nullptr || node.text().empty()) return metric;
  std::vector<std::string> known;
  for (const Metric& m : info.metrics) known.emplace_back(m.name);
  node.wrong(fmt::format("{} records no metric '{}'{}", info.name, node.text(),
                         suggestion(node.text(), known)));
  return nullptr;
}

void read_where(const Node& where, const StressorInfo& info, ProfileLimit& limit) {
  for (const auto& [key, node] : where.members()) {
    const AnyParam* param = read_parameter(info, key, node);
    const auto value = param == nullptr ? std::nullopt : read_setting(*param, node);
    if (value) limit.where[key] = *value;
  }
}

// What all rules of an entry share. A count is judged by its sum: the median of a count that is
// mostly zero is zero, and a limit on it could never trip.
ProfileLimit read_shared(const Node& node, const StressorInfo& info, const Metric& metric) {
  ProfileLimit limit;
  limit.stressor = info.name;
  limit.metric = metric.name;
  read_where(node["where"], info, limit);
  limit.uncertainty = read_uncertainty(node["uncertainty"]);
  limit.guarded = node["decision"].text() != "simple";
  limit.required = node["required"].flag(true);
  limit.statistic = node["statistic"].text();
  if (limit.statistic.empty()) limit.statistic = metric.unit == Unit::count ? "sum" : "median";
  limit.source = node["source"].text();
  return limit;
}

void read_absolute(const Node& node, const Metric& metric, ProfileLimit& limit) {
  limit.value = node.quantity(metric.unit);
  if (!limit.value) return;
  if (*limit.value < 0) {
    node.wrong(fmt::format("{}: '{}' is below zero, which no measurement can be", node.name(),
                           node.text()));
  } else if (*limit.value == 0 && limit.rule == Rule::floor) {
    node.wrong("floor: a floor of zero can never be broken");
  }
}

// `floor: 10 % of nominal`, `ceiling: 100 % of ceiling`.
void read_relative(const Node& node, std::size_t of, const Metric& metric, ProfileLimit& limit) {
  const std::string text = node.text();
  const std::string base = limit.rule == Rule::floor ? "nominal" : "ceiling";
  const auto share = parse_as(text.substr(0, of), Unit::ratio);
  if (!share || text.substr(of + 4) != base) {
    node.wrong(fmt::format("{}: '{}': give either a value or a share, such as '{} % of {}'",
                           node.name(), text, base == "nominal" ? 10 : 100, base));
  } else if (*share <= 0 || *share > 1) {
    node.wrong(fmt::format("{}: '{}' must be above 0 % and at most 100 %", node.name(), text));
  } else if (metric.peak.empty()) {
    node.wrong(
        fmt::format("{}: '{}' has no {} rate; give a value", node.name(), metric.name, base));
  } else {
    (limit.rule == Rule::floor ? limit.of_nominal : limit.of_ceiling) = *share;
  }
}

void read_level(const Node& node, const Metric& metric, ProfileLimit& limit) {
  const std::size_t of = node.text().find(" of ");
  if (of == std::string::npos) {
    read_absolute(node, metric, limit);
  } else {
    read_relative(node, of, metric, limit);
  }
}

void read_equals(const Node& node, const Metric& metric, ProfileLimit& limit) {
  if (metric.unit != Unit::count) {
    node.wrong_key(fmt::format("equals: is for counts; '{}' is in {}: give a floor or a ceiling",
                               metric.name, name(metric.unit)));
    return;
  }
  read_absolute(node, metric, limit);
}

void read_peers(const Node& node, ProfileLimit& limit) {
  limit.min_effect = node["below_median"].positive(Unit::ratio).value_or(0);
  if (limit.min_effect >= 1) {
    node["below_median"].wrong(
        fmt::format("below_median: '{}' must be below 100 %", node["below_median"].text()));
  }
}

/// Reads one entry's rules.
class Entry {
 public:
  Entry(const Node& node, const StressorInfo& info, const Metric& metric)
      : node_(node), metric_(metric), shared_(read_shared(node, info, metric)) {}

  std::vector<PlacedLimit> read() {
    add(Rule::floor);
    add(Rule::ceiling);
    add(Rule::equals);
    add(Rule::peers);
    check();
    return limits_;
  }

 private:
  [[nodiscard]] bool has(const char* key) const { return static_cast<bool>(node_[key]); }

  void add(Rule rule) {
    const Node value = node_[std::string(name(rule))];
    if (!value) return;
    ProfileLimit limit = shared_;
    limit.rule = rule;
    if (rule == Rule::peers) {
      read_peers(value, limit);
    } else if (rule == Rule::equals) {
      read_equals(value, metric_, limit);
    } else {
      read_level(value, metric_, limit);
    }
    limits_.push_back({limit, value});
  }

  void check() const {
    if (limits_.empty()) {
      node_.wrong("a limit without a rule: give floor, ceiling, equals or peers");
    }
    if ((has("floor") || has("ceiling")) && shared_.source.empty() && !has("source")) {
      node_.wrong("'source' is missing: say where the limit comes from");
    }
    if (has("equals") && (has("floor") || has("ceiling"))) {
      node_["equals"].wrong_key("equals: contradicts the floor or ceiling beside it");
    }
    if (has("equals") && has("statistic") && shared_.statistic != "sum" &&
        shared_.statistic != "max") {
      node_["statistic"].wrong(fmt::format(
          "statistic: '{}' of a count can hide single events; use 'sum' or 'max' with equals",
          shared_.statistic));
    }
  }

  Node node_;
  const Metric& metric_;
  ProfileLimit shared_;
  std::vector<PlacedLimit> limits_;
};

}  // namespace

double read_uncertainty(const Node& node) {
  const double value = node.quantity(Unit::ratio).value_or(0);
  if (value < 0 || value >= kMostUncertainty) {
    node.wrong(fmt::format("uncertainty: '{}' must be at least 0 % and below 50 %", node.text()));
  }
  return value;
}

std::vector<PlacedLimit> read_limits(const Node& limits) {
  std::vector<PlacedLimit> all;
  for (const auto& [stressor, entries] : limits.members()) {
    if (stressor == kSensors) continue;
    const StressorInfo* info = find_stressor(stressor);
    if (info == nullptr) {
      entries.wrong_key(unknown_stressor(stressor).message);
      continue;
    }
    for (const Node& node : entries.items()) {
      const Metric* metric = read_metric(node["metric"], *info);
      if (metric == nullptr) continue;
      std::ranges::copy(Entry(node, *info, *metric).read(), std::back_inserter(all));
    }
  }
  return all;
}

}  // namespace rackproof
