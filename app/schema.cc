// SPDX-License-Identifier: Apache-2.0
// `rackproof schema report|profile`: the JSON Schemas, for editors and for whoever reads reports.
#include "profiles/schema.h"

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/print.h"
#include "reports/report_schema.h"

namespace rackproof {

void add_schema(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("schema", "print a JSON Schema");
  command->require_subcommand(1);
  command->add_subcommand("report", "of report.json in a bundle")->callback([&exit_code] {
    print(std::string(report_schema()));
    exit_code = 0;
  });
  command->add_subcommand("profile", "of a profile")->callback([&exit_code] {
    print(std::string(profile_schema()));
    exit_code = 0;
  });
}

}  // namespace rackproof
