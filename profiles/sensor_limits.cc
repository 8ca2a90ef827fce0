// SPDX-License-Identifier: Apache-2.0
// `limits.sensors`: one ProfileSensorLimit for each rule of each entry.
#include <fmt/format.h>

#include <algorithm>

#include "core/stressor.h"
#include "profiles/lint.h"
#include "profiles/sensor_families.h"

namespace rackproof {
namespace {

constexpr std::string_view kRise = "rise";

/// Reads one entry's rules.
class SensorEntry {
 public:
  explicit SensorEntry(const Node& node)
      : node_(node), units_(units_of_sensors(node["sensor"].text())) {
    shared_.sensor = node["sensor"].text();
    shared_.during = node["during"].text();
    shared_.uncertainty = read_uncertainty(node["uncertainty"]);
    shared_.guarded = node["decision"].text() != "simple";
    shared_.required = node["required"].flag(true);
    shared_.source = node["source"].text();
  }

  std::vector<ProfileSensorLimit> read() {
    const std::string problem = unknown_family(shared_.sensor);
    if (!problem.empty() && !shared_.sensor.empty()) node_["sensor"].wrong(problem);
    const std::string asked = node_["statistic"].text();
    add(node_["floor"], Rule::floor, asked.empty() ? "min" : asked);
    add(node_["ceiling"], Rule::ceiling, asked.empty() ? "max" : asked);
    add(node_["rise"]["ceiling"], Rule::ceiling, std::string(kRise));
    add(node_["rise"]["equals"], Rule::equals, std::string(kRise));
    check();
    return limits_;
  }

 private:
  void add(const Node& value, Rule rule, const std::string& statistic) {
    if (!value) return;
    ProfileSensorLimit limit = shared_;
    limit.rule = rule;
    limit.statistic = statistic;
    if (const auto quantity = read_quantity(value)) {
      limit.value = quantity->value;
      limit.unit = quantity->unit;
      check_value(value, limit);
    }
    limits_.push_back(limit);
  }

  [[nodiscard]] std::optional<Quantity> read_quantity(const Node& value) const {
    if (value.text().empty()) return std::nullopt;
    const auto quantity = parse_quantity(value.text());
    if (!quantity) {
      value.wrong(fmt::format("{}: {}", value.name(), quantity.error().message));
      return std::nullopt;
    }
    const bool fits = units_.empty() || std::ranges::count(units_, quantity->unit) > 0;
    if (fits) return *quantity;
    const auto wanted = parse_as(value.text(), units_.front());
    value.wrong(fmt::format("{}: {}", value.name(), wanted ? "" : wanted.error().message));
    return std::nullopt;
  }

  static void check_value(const Node& value, const ProfileSensorLimit& limit) {
    const bool may_be_negative =
        limit.unit == Unit::celsius || limit.unit == Unit::volt || limit.unit == Unit::ampere;
    if (limit.value < 0 && (!may_be_negative || limit.statistic == kRise)) {
      value.wrong(fmt::format("{}: '{}' is below zero, which no reading can be", value.name(),
                              value.text()));
    } else if (limit.value == 0 && limit.rule == Rule::floor && !may_be_negative) {
      value.wrong("floor: a floor of zero can never be broken");
    }
  }

  void check() const {
    const bool level = node_["floor"] || node_["ceiling"];
    const bool rise = static_cast<bool>(node_["rise"]);
    if (limits_.empty()) {
      node_.wrong(
          "a limit without a rule: give floor, ceiling or rise: {ceiling: ...} or {equals: ...}");
    }
    if (rise && node_["during"])
      node_["during"].wrong_key("during: is for what a sensor shows; every rise counts");
    if (rise && (level || node_["statistic"])) {
      node_["rise"].wrong_key(
          "rise: stands alone: floor, ceiling and statistic are of what a sensor shows, not of how "
          "much a counter rose");
    }
    if (node_["rise"]["ceiling"] && node_["rise"]["equals"])
      node_["rise"]["equals"].wrong_key("equals: contradicts the ceiling beside it");
    const bool exact = rise && !node_["rise"]["ceiling"];
    if (!exact && !limits_.empty() && !node_["source"])
      node_.wrong("'source' is missing: say where the limit comes from");
  }

  Node node_;
  std::vector<Unit> units_;
  ProfileSensorLimit shared_;
  std::vector<ProfileSensorLimit> limits_;
};

bool same_demand(const ProfileSensorLimit& a, const ProfileSensorLimit& b) {
  return a.sensor == b.sensor && a.rule == b.rule && a.statistic == b.statistic &&
         a.during == b.during;
}

void check_during(const Node& during, const Profile& profile) {
  if (!during || during.text().empty()) return;
  if (find_stressor(during.text()) == nullptr)
    return during.wrong(unknown_stressor(during.text()).message);
  const bool runs = std::ranges::any_of(profile.stages, [&](const ProfileStage& stage) {
    return std::ranges::any_of(
        stage.steps, [&](const ProfileStep& step) { return step.stressor == during.text(); });
  });
  if (!runs && !profile.abstract && !profile.stages.empty())
    during.wrong(
        fmt::format("during: this limit can never be applied: no step runs {}", during.text()));
}

void check_pair(const Node& node, const ProfileSensorLimit& before,
                const ProfileSensorLimit& limit) {
  if (same_demand(before, limit)) {
    node["sensor"].wrong(fmt::format("sensor: '{}' has a {} on its {} already", limit.sensor,
                                     name(limit.rule), limit.statistic));
  }
  const bool levels = before.statistic != kRise && limit.statistic != kRise;
  const bool same_place = before.sensor == limit.sensor && before.during == limit.during;
  if (!same_place || before.rule == limit.rule || !levels) return;
  const auto& floor = before.rule == Rule::floor ? before : limit;
  const auto& ceiling = before.rule == Rule::floor ? limit : before;
  if (floor.unit == ceiling.unit && floor.value > ceiling.value) {
    node.wrong(fmt::format("floor: '{}' is above the ceiling '{}'", format(floor.value, floor.unit),
                           format(ceiling.value, ceiling.unit)));
  }
}

}  // namespace

std::vector<ProfileSensorLimit> read_sensor_limits(const Node& sensors, const Profile& profile) {
  std::vector<ProfileSensorLimit> all;
  for (const Node& node : sensors.items()) {
    check_during(node["during"], profile);
    for (const ProfileSensorLimit& limit : SensorEntry(node).read()) {
      for (const ProfileSensorLimit& before : all) check_pair(node, before, limit);
      all.push_back(limit);
    }
  }
  return all;
}

}  // namespace rackproof
