// SPDX-License-Identifier: Apache-2.0
// `rackproof stressors`: what can be run, from the stressors' own descriptions.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/print.h"
#include "core/stressor.h"

namespace rackproof {
namespace {

Json as_json(const StressorInfo& s) {
  Json json{{"name", s.name},
            {"summary", s.summary},
            {"subsystem", name(s.subsystem)},
            {"by_passes", s.by_passes}};
  json["metrics"] = Json::array();
  for (const Metric& m : s.metrics)
    json["metrics"].push_back({{"name", m.name}, {"unit", name(m.unit)}, {"help", m.help}});
  json["params"] = Json::array();
  for (const AnyParam& p : s.params) {
    json["params"].push_back({{"name", name(p)},
                              {"default", fallback_text(p)},
                              {"range", range_text(p)},
                              {"help", help(p)}});
  }
  return json;
}

std::string as_text(const StressorInfo& s) {
  std::string text = fmt::format("{}  {}\n", s.name, s.summary);
  if (!s.params.empty()) text += "\nparameters\n";
  for (const AnyParam& p : s.params) {
    text += fmt::format("  {:<12} {} (default {}; {})\n", name(p), help(p), fallback_text(p),
                        range_text(p));
  }
  text += "\nmetrics\n";
  for (const Metric& m : s.metrics)
    text += fmt::format("  {:<12} {} ({})\n", m.name, m.help, name(m.unit));
  return text;
}

int list(bool json) {
  Json all = Json::array();
  std::string text;
  for (const StressorInfo& s : stressors()) {
    if (s.hidden) continue;
    all.push_back(as_json(s));
    text += fmt::format("{:<24} {}\n", s.name, s.summary);
  }
  json ? print(all)
       : print(text + "\n`rackproof stressors NAME` tells its parameters and metrics.");
  return 0;
}

int show(const std::string& wanted, bool json) {
  const StressorInfo* stressor = find_stressor(wanted);
  if (stressor == nullptr) return complain(unknown_stressor(wanted));
  json ? print(as_json(*stressor)) : print(as_text(*stressor));
  return 0;
}

}  // namespace

void add_stressors(CLI::App& app, int& exit_code) {
  struct Options {
    std::string name;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("stressors", "list the stressors, or tell all about one");
  command->add_option("STRESSOR", options->name, "one stressor, for example compute.gemm")
      ->type_name("");
  command->add_flag("--json", options->json, "as JSON");
  command->callback([options, &exit_code] {
    exit_code = options->name.empty() ? list(options->json) : show(options->name, options->json);
  });
}

}  // namespace rackproof
