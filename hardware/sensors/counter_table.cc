// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/counter_table.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <utility>

#include "hardware/xid.h"

namespace rackproof {

namespace embedded {
extern const std::string_view counters_table;
}  // namespace embedded

namespace {

const std::vector<std::string> kFields{"sensor", "cause", "severity", "part", "next"};
const std::vector<std::string> kSeverities{"info", "warning", "fatal"};
// Longer than any source's; the match's cost grows with the square of a hostile one.
constexpr std::size_t kLongestName = 256;

struct Refusal {
  int line, column;
  std::string message;
};

[[noreturn]] void refuse(const YAML::Mark& at, std::string message) {
  throw Refusal{at.line + 1, at.column + 1, std::move(message)};
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void check_fields(const YAML::Node& entry) {
  if (!entry.IsMap())
    refuse(entry.Mark(), "an entry is a map of sensor, cause, severity, part, next");
  std::vector<std::string> seen;
  for (const auto& item : entry) {
    const std::string field = item.first.Scalar();
    if (contains(seen, field)) refuse(item.first.Mark(), fmt::format("'{}' twice", field));
    seen.push_back(field);
    if (contains(kFields, field)) continue;
    refuse(item.first.Mark(),
           fmt::format("unknown field '{}'; known are {}", field, fmt::join(kFields, ", ")));
  }
}

std::string text_of(const YAML::Node& entry, const std::string& field) {
  const YAML::Node value = entry[field];
  if (!value) refuse(entry.Mark(), fmt::format("needs a text '{}'", field));
  if (!value.IsScalar() || value.Scalar().empty()) {
    refuse(value.Mark(), fmt::format("'{}' must be a text", field));
  }
  return value.Scalar();
}

std::string placeholder(std::size_t star) { return fmt::format("{{{}}}", star + 1); }

void check_part(const YAML::Node& entry, const CounterRule& rule) {
  const auto stars =
      static_cast<std::size_t>(std::count(rule.sensor.begin(), rule.sensor.end(), '*'));
  std::string rest = rule.told.part;
  for (std::size_t star = 0; star < stars; ++star) {
    const auto at = rest.find(placeholder(star));
    if (at != std::string::npos) rest.erase(at, placeholder(star).size());
  }
  if (rest.find_first_of("{}") == std::string::npos) return;
  refuse(entry["part"].Mark(), fmt::format("part '{}' names more than the {} '*' of '{}'",
                                           rule.told.part, stars, rule.sensor));
}

CounterRule rule_of(const YAML::Node& entry) {
  check_fields(entry);
  CounterRule rule;
  rule.line = entry.Mark().line + 1;
  rule.sensor = text_of(entry, "sensor");
  rule.told = {text_of(entry, "cause"), text_of(entry, "severity"), text_of(entry, "part"),
               text_of(entry, "next")};
  if (!contains(kSeverities, rule.told.severity)) {
    refuse(entry["severity"].Mark(),
           fmt::format("severity '{}' is none of info, warning, fatal", rule.told.severity));
  }
  check_part(entry, rule);
  return rule;
}

std::vector<CounterRule> rules_of(const YAML::Node& table) {
  const YAML::Node list = table.IsMap() ? table["counters"] : YAML::Node();
  if (!list || !list.IsSequence()) refuse(table.Mark(), "needs a list 'counters'");
  std::vector<CounterRule> rules;
  for (const YAML::Node& entry : list) rules.push_back(rule_of(entry));
  return rules;
}

bool match(std::string_view pattern, std::string_view name, std::vector<std::string>& stars) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (name.substr(0, star) != pattern.substr(0, star)) return false;
  const std::string_view after = pattern.substr(star + 1);
  for (std::size_t end = star; end <= name.size(); ++end) {
    stars.emplace_back(name.substr(star, end - star));
    if (match(after, name.substr(end), stars)) return true;
    stars.pop_back();
  }
  return false;
}

std::string filled_in(std::string part, const std::vector<std::string>& stars) {
  for (std::size_t star = 0; star < stars.size(); ++star) {
    const auto at = part.find(placeholder(star));
    if (at != std::string::npos) part.replace(at, placeholder(star).size(), stars[star]);
  }
  return part;
}

}  // namespace

Expected<std::vector<CounterRule>> parse_counter_table(std::string_view yaml,
                                                       const std::string& file) {
  const auto error = [&](int line, int column, const std::string& message) {
    return tl::unexpected<Error>(Error{message, file, line, column});
  };
  try {
    return rules_of(YAML::Load(std::string(yaml)));
  } catch (const Refusal& refusal) {
    return error(refusal.line, refusal.column, refusal.message);
  } catch (const YAML::Exception& problem) {
    return error(problem.mark.line + 1, problem.mark.column + 1, problem.msg);
  }
}

const std::vector<CounterRule>& counter_table() {
  static const std::vector<CounterRule> table = [] {
    auto rules = parse_counter_table(embedded::counters_table, "hardware/sensors/counters.yaml");
    if (!rules) throw DeviceError(rules.error().text());
    return *std::move(rules);
  }();
  return table;
}

std::optional<std::vector<std::string>> stars_of(std::string_view pattern, std::string_view name) {
  std::vector<std::string> stars;
  if (name.size() > kLongestName || !match(pattern, name, stars)) return {};
  return stars;
}

CounterClass class_of_counter(std::string_view sensor) {
  if (auto xid = class_of_xid_counter(sensor)) return *std::move(xid);
  for (const CounterRule& rule : counter_table()) {
    const auto stars = stars_of(rule.sensor, sensor);
    if (!stars) continue;
    CounterClass told = rule.told;
    told.part = filled_in(std::move(told.part), *stars);
    return told;
  }
  return {.cause = "counter",
          .severity = "info",
          .part = std::string(sensor.substr(0, kLongestName)),
          .next_step = "No meaning is known for this counter."};
}

}  // namespace rackproof
