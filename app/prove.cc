// SPDX-License-Identifier: Apache-2.0
// `rackproof prove`: how many of so many deliberate faults the detectors find on the devices of
// this machine, counted fault by fault from the record that a drill leaves.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/campaign.h"
#include "app/commands.h"
#include "app/print.h"
#include "app/rack.h"
#include "app/result_folder.h"
#include "app/stop.h"
#include "core/stressor.h"
#include "core/verdict.h"
#include "reports/prove_table.h"
#include "runner/planner_prove.h"

namespace rackproof {
namespace {

struct ProveOptions {
  std::vector<std::string> devices, stressors;
  std::int64_t faults = 3000;
  bool json = false, versus = false, quiet = false;
  std::string folder;
};

Expected<std::vector<DeviceInfo>> chosen_devices(const Rack& rack,
                                                 const std::vector<std::string>& names) {
  if (names.empty()) return devices_named(rack, "");
  std::vector<DeviceInfo> chosen;
  for (const std::string& name : names) {
    auto devices = devices_named(rack, name);
    if (!devices) return devices;
    chosen.insert(chosen.end(), devices->begin(), devices->end());
  }
  return chosen;
}

Expected<std::vector<ProveCell>> chosen_cells(const std::vector<std::string>& stressors) {
  std::vector<ProveCell> cells = prove_cells();
  for (const std::string& name : stressors) {
    if (find_stressor(name) == nullptr) return tl::unexpected(unknown_stressor(name));
    const bool drilled = std::any_of(cells.begin(), cells.end(),
                                     [&](const ProveCell& cell) { return cell.stressor == name; });
    if (!drilled) return fail(fmt::format("{} has no place where a fault could strike", name));
  }
  if (stressors.empty()) return cells;
  std::erase_if(cells, [&](const ProveCell& cell) {
    return std::find(stressors.begin(), stressors.end(), cell.stressor) == stressors.end();
  });
  return cells;
}

std::vector<std::string> classes_of(const Plan& plan) {
  std::vector<std::string> classes;
  for (const PlannedStep& step : plan.steps) {
    const auto fault_class = fault_class_of(step);
    classes.emplace_back(fault_class ? name(*fault_class) : "other");
  }
  return classes;
}

// A fault that was missed or a false alarm says that the detectors are not what we say; a campaign
// that is not whole says nothing.
Verdict verdict_of(const ProveTable& table, bool interrupted) {
  bool missed = table.unexplained > 0, any = false;
  for (const ProveRow& row : table.rows) {
    missed = missed || row.count.missed() > 0;
    any = any || row.count.activated > 0;
  }
  if (missed) return Verdict::fail;
  return any && table.whole() && !interrupted ? Verdict::pass : Verdict::incomplete;
}

std::string headline_of(const ProveTable& table, Verdict verdict) {
  ProveCount all;
  for (const ProveRow& row : table.rows) all.add(row.count);
  return fmt::format(
      "{}: {} of {} faults that took effect were found, {} at the right place (at least {:.4f} % "
      "with 95 % confidence); {} findings without a fault in {} clean bursts",
      name(verdict), all.detected, all.activated, all.localised, 100 * all.lower_bound_95(),
      table.unexplained, table.clean_bursts);
}

int tell(const ProveOptions& options, const Plan& plan, const Evidence& evidence) {
  const ProveTable table = prove_table(plan, evidence, classes_of(plan));
  const Verdict verdict = verdict_of(table, evidence.interrupted);
  if (options.json) {
    print(to_json(table));
  } else {
    print((options.quiet ? "" : describe(table, options.versus) + "\n") +
          headline_of(table, verdict));
    if (!options.folder.empty()) print("bundle  " + options.folder);
  }
  return exit_code(verdict);
}

int prove(const ProveOptions& options, const RackOptions& rack_options) {
  const auto cells = chosen_cells(options.stressors);
  if (!cells) return complain(cells.error());
  stop_on_signals();
  const auto rack = look_around(rack_options.specs(), rack_options.only);
  if (!rack) return complain(rack.error());
  const auto devices = chosen_devices(*rack, options.devices);
  if (!devices) return complain(devices.error());
  const auto plan = make_prove_plan(*devices, *cells, options.faults);
  if (!plan) return complain(plan.error());
  const ResultFolder folder(options.folder, "prove");
  CampaignOptions campaign;
  campaign.folder = folder.path;
  campaign.kept = !folder.temporary;
  campaign.specs = rack_options.specs();
  campaign.talk = options.json ? Talk::json : options.quiet ? Talk::quiet : Talk::lines;
  campaign.tell = [&](const Plan& done, const Evidence& evidence) {
    return tell(options, done, evidence);
  };
  return run_new(*plan, *rack, campaign);
}

}  // namespace

void add_prove(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<ProveOptions>();
  CLI::App* command =
      app.add_subcommand("prove", "count what the detectors find of deliberate faults");
  command->add_option("--device", options->devices, "a device or a kind (repeatable; default: all)")
      ->type_name("DEVICE")
      ->allow_extra_args(false);
  command->add_option("--stressor", options->stressors, "only this one (repeatable)")
      ->type_name("STRESSOR")
      ->allow_extra_args(false);
  command
      ->add_option("--faults", options->faults,
                   "single-bit faults, and as many structured ones; a tenth of that lasting ones")
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--versus", options->versus,
                    "also what comparators of other kinds would have missed");
  command->add_flag("--json", options->json, "the table as JSON on stdout and nothing else");
  command->add_flag("--quiet", options->quiet, "only the last line");
  command->add_option("--out", options->folder, "keep the bundle with every fault in this folder")
      ->type_name("DIR");
  const auto rack = add_rack_options(*command);
  command->footer(
      "Example:\n  rackproof prove --device cpu --faults 30000 --versus\n\n"
      "Exit codes: 0 all that took effect were found, and nothing else; 1 a fault was missed, or "
      "something was found without a fault; 3 the campaign is not whole; 5 ERROR; 64 bad usage.\n");
  command->callback([options, rack, &exit_code] { exit_code = prove(*options, *rack); });
}

}  // namespace rackproof
