// SPDX-License-Identifier: Apache-2.0
// `rackproof plan`: every step, limit and demand that `run` would follow; nothing is started.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/choose.h"
#include "app/commands.h"
#include "app/print.h"

namespace rackproof {

void add_plan(CLI::App& app, int& exit_code) {
  struct Options {
    std::string profile;
    std::vector<std::string> stages;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("plan", "print what `run` would do; nothing is started");
  command
      ->add_option("PROFILE", options->profile,
                   "a profile's name or file; without it the best fitting one")
      ->type_name("");
  command->add_option("--stage", options->stages, "only this stage (repeatable)")
      ->type_name("STAGE")
      ->allow_extra_args(false);  // a PROFILE may follow
  command->add_flag("--json", options->json, "the whole plan, as plan.json");
  const auto rack = add_reading_options(*command);
  command->callback([options, rack, &exit_code] {
    const auto planned = plan_for(options->profile, options->stages, *rack);
    if (!planned) {
      exit_code = complain(planned.error());
      return;
    }
    if (options->json) {
      print(to_json(planned->plan));
      // Standard output is the plan, and nothing else.
      if (!planned->caveat.empty()) std::fprintf(stderr, "note: %s\n", planned->caveat.c_str());
    } else {
      print((planned->why.empty() ? "" : planned->why + "\n") + describe(planned->plan) +
            (planned->caveat.empty() ? "" : "note: " + planned->caveat + "\n"));
    }
    exit_code = 0;
  });
}

}  // namespace rackproof
