// SPDX-License-Identifier: Apache-2.0
// What a rack must have and must reach: one YAML file, resolved, checked and in base units.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/plan.h"
#include "core/units.h"

namespace rackproof {

/// `hardware.node.accelerators[]`: devices of one kind that every node must have.
struct ExpectedDevices {
  std::string kind;                           ///< DeviceInfo::kind
  std::uint64_t count = 0;                    ///< per node; 0: at least one
  std::string name, pci;                      ///< when given: must match (name as substring, pci "10de:2335")
  std::optional<double> memory_bytes;         ///< installed, within 5 %
  std::uint64_t pcie_generation = 0, pcie_width = 0;  ///< what the link to the host must be able to do; 0: not said
  std::map<std::string, double> ceilings;     ///< from `peak` and `memory.bandwidth`: keys as DeviceInfo::ceilings
};

/// One line under `limits.<stressor>`, one rule each.
struct ProfileLimit {
  std::string stressor, metric;
  std::map<std::string, std::string> where;   ///< canonical parameter values
  Rule rule = Rule::floor;
  std::optional<double> value;                ///< base units
  std::optional<double> of_nominal;           ///< `floor: 10 % of nominal`: ratio of DeviceInfo::nominals[peak key]
  std::optional<double> of_ceiling;           ///< `ceiling: 100 % of ceiling`
  double min_effect = 0;                      ///< peers: below_median
  double uncertainty = 0;                     ///< U at k = 2, ratio
  bool guarded = true;
  bool required = true;
  std::string statistic = "median";
  std::string source;
};

/// One line under `limits.sensors`, one rule each.
struct ProfileSensorLimit {
  std::string sensor;                         ///< a pattern; "*" matches any text
  std::string during;                         ///< in each step of this stressor; empty: in the worst of all
  Rule rule = Rule::ceiling;                  ///< floor, ceiling or equals
  double value = 0;                           ///< in the base of `unit`
  Unit unit = Unit::count;
  std::string statistic;                      ///< "max", "min", "median"; "rise" of a counter in a step
  double uncertainty = 0;                     ///< U at k = 2, ratio
  bool guarded = true;
  bool required = true;
  std::string source;
};

/// One entry of `environment`: what must hold around the devices for their rates to mean anything.
struct ProfileCondition {
  std::string name, on;                       ///< ConditionInfo::name; a device kind
  std::string wanted;                         ///< canonical value; empty: the condition's own idea
  bool required = true;
  std::string source;
};

/// `coverage`: required shares; none: not demanded.
struct ProfileCoverage {
  std::optional<double> memory_installed, memory_allocatable, cores;
  std::optional<double> links;                ///< to the other devices of its kind on its node, each direction
  std::vector<std::string> sensors;           ///< sensor names that must answer without gaps ("*" matches any text)
  std::optional<double> kernel_log;           ///< `no gap`: 1; `if readable`: 0, told and not demanded
};

/// One entry of `stages[].steps[]`; lists in `with` are expanded by the planner, one step a combination.
struct ProfileStep {
  std::string stressor, on;                   ///< on: a device kind
  std::map<std::string, std::vector<std::string>> with;  ///< canonical values
  double duration_s = 0;                      ///< 0: `passes`
  std::uint64_t passes = 0;
  bool gang = false;                          ///< `together: all`
  std::uint64_t attempts = 1;
  std::optional<double> deadline_s;
};
struct ProfileStage {
  std::string name, purpose;
  ProfileCoverage coverage;                   ///< on top of the profile's: overrides what it names
  std::vector<ProfileStep> steps;
};

/// What `sensor_rate` and `run --sensor-rate` may be.
inline constexpr double kLeastSensorRate_hz = 0.1, kMostSensorRate_hz = 10;

struct Profile {
  std::string name, title, confidence;
  std::uint64_t revision = 0;
  bool abstract = false;                      ///< only to be extended
  std::uint64_t nodes = 1;                    ///< hardware.rack.nodes
  std::vector<ExpectedDevices> accelerators;
  std::vector<ProfileLimit> limits;
  std::vector<ProfileSensorLimit> sensor_limits;
  std::optional<double> sensor_rate_hz;       ///< how often sensors are read
  ProfileCoverage coverage;
  std::vector<ProfileCondition> environment;
  std::vector<ProfileStage> stages;
  std::vector<std::string> default_stages;    ///< what `run` runs without --stage; empty: all
  std::string resolved_yaml;                  ///< one document with all that it extends; loads to this same Profile
};

/// Where profiles are looked up by name: $RACKPROOF_PROFILES, then beside the source or the installed binary.
[[nodiscard]] std::vector<std::filesystem::path> profile_folders();

/// Loads `name_or_path` (a path when it holds a '/' or ends in .yaml), resolves `extends`, validates against the
/// JSON Schema and lints (units, ranges, unknown words, limits against ceilings). Every mistake is reported once,
/// with file, line, column and the nearest right word.
[[nodiscard]] ExpectedAll<Profile> load_profile(const std::string& name_or_path);
/// The same from bytes, with `extends` looked up in profile_folders() and beside `file`.
[[nodiscard]] ExpectedAll<Profile> parse_profile(const std::string& yaml, const std::string& file);

struct ProfileSummary {
  std::string name, title;
  std::filesystem::path file;
  bool abstract = false;
};
/// All in profile_folders(), sorted; one that cannot be read says so as its title, load_profile says why.
[[nodiscard]] std::vector<ProfileSummary> list_profiles();

}  // namespace rackproof
