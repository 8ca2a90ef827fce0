// SPDX-License-Identifier: Apache-2.0
// `rackproof stress NAME`: one stressor, ad hoc, with integrity checks and drill but no profile's
// limits.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "app/campaign.h"
#include "app/commands.h"
#include "app/print.h"
#include "app/rack.h"
#include "app/result_folder.h"
#include "app/stop.h"
#include "core/stressor.h"
#include "core/units.h"

namespace rackproof {
namespace {

constexpr double kLongest_s = 366.0 * 86400;  // as of a profile's step

struct StressOptions {
  std::string stressor, on, duration = "10 s", folder;
  std::vector<std::string> with;
  std::shared_ptr<TalkOptions> talk;
};

Expected<std::map<std::string, std::string>> params_of(const StressorInfo& stressor,
                                                       const std::vector<std::string>& with) {
  std::map<std::string, std::string> params;
  for (const std::string& word : with) {
    const auto equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const AnyParam* param = stressor.param(key);
    if (equals == std::string::npos || param == nullptr) {
      std::vector<std::string> known;
      for (const AnyParam& p : stressor.params) known.emplace_back(name(p));
      const std::string near = nearest(key, known);
      return fail(fmt::format(
          "--with {}: {} has no parameter '{}'{}", word, stressor.name, key,
          near.empty() ? fmt::format("; `rackproof stressors {}` lists them", stressor.name)
                       : "; did you mean '" + near + "'?"));
    }
    const auto value = canonical(*param, word.substr(equals + 1));
    if (!value) return fail("--with " + value.error().text());
    if (!params.emplace(key, *value).second)
      return fail(fmt::format("--with {}: given twice", key));
  }
  return params;
}

// 0: one pass.
Expected<double> duration_of(const std::string& text, const StressorInfo& stressor) {
  if (text == "one pass") {
    if (stressor.by_passes) return 0;
    return fail(fmt::format("--for: {} does not run by passes; give a time, such as '30 s'",
                            stressor.name));
  }
  const auto duration = parse_as(text, Unit::second);
  if (!duration) return fail("--for: " + duration.error().message);
  if (*duration <= 0) return fail("--for takes a time above zero, such as '30 s'");
  if (*duration > kLongest_s) return fail("--for takes at most 366 d");
  return duration;
}

int stress(const StressOptions& options, const RackOptions& rack_options) {
  const StressorInfo* stressor = find_stressor(options.stressor);
  if (stressor == nullptr) return complain(unknown_stressor(options.stressor));
  const auto params = params_of(*stressor, options.with);
  if (!params) return complain(params.error());
  const auto duration = duration_of(options.duration, *stressor);
  if (!duration) return complain(duration.error());
  stop_on_signals();
  const auto rack = look_around(rack_options.specs(), rack_options.only);
  if (!rack) return complain(rack.error());
  const auto devices = devices_named(*rack, options.on);
  if (!devices) return complain(devices.error());
  // Where all devices were asked for, those of a back end that did not answer are missing.
  const auto unanswered =
      options.on.empty() ? rack->discovery_problems : std::vector<std::string>{};
  const auto plan = make_stress_plan(options.stressor, *params, *devices, *duration, unanswered);
  if (!plan) return complain(plan.error());
  const ResultFolder folder(options.folder, "stress");
  CampaignOptions campaign;
  campaign.folder = folder.path;
  campaign.kept = !folder.temporary;
  campaign.specs = rack_options.specs();
  options.talk->into(campaign);
  return run_new(*plan, *rack, campaign);
}

}  // namespace

void add_stress(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<StressOptions>();
  CLI::App* command = app.add_subcommand("stress", "run one stressor, ad hoc, unsigned");
  command->add_option("STRESSOR", options->stressor, "for example compute.gemm")
      ->required()
      ->type_name("");
  command->add_option("--on", options->on, "a device or a kind of device (default: all)")
      ->type_name("DEVICE");
  command->add_option("--for", options->duration, "how long; memory tests also 'one pass'")
      ->type_name("TIME")
      ->capture_default_str();
  command->add_option("--with", options->with, "a parameter, key=value (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("--out", options->folder, "keep the bundle in this folder")->type_name("DIR");
  options->talk = add_talk_options(*command);
  const auto rack = add_rack_options(*command);
  command->footer(
      std::string("Example:\n"
                  "  rackproof stress memory.triad --for '30 s' --with 'array_bytes=256 MiB'\n\n") +
      kExitCodes);
  command->callback([options, rack, &exit_code] { exit_code = stress(*options, *rack); });
}

}  // namespace rackproof
