// SPDX-License-Identifier: Apache-2.0
#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <optional>
#include <string_view>

#include "app/commands.h"
#include "app/misuse.h"
#include "app/print.h"
#include "app/version.h"
#include "core/verdict.h"

namespace rackproof {
namespace {

constexpr const char* kAbout =
    "rackproof proves a rack of accelerators fit for use: it drives stressors on every device, "
    "checks every "
    "result,\njudges the measurements against a profile and signs the report.";

constexpr const char* kExamples =
    "Examples:\n"
    "  rackproof run                         qualify this machine with the profile that fits best\n"
    "  rackproof run generic-host --stage soak --out /var/tmp/soak\n"
    "  rackproof stress compute.gemm --for '30 s' --with dtype=fp64\n"
    "  rackproof verify BUNDLE --trust TRUST.yaml\n\n";

// A capture can be looked at, but not put under load.
std::optional<Error> load_from_capture(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command != "run" && command != "stress") return std::nullopt;
  for (int i = 2; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word != "--from" && !word.starts_with("--from=")) continue;
    return Error{std::string(command) +
                 " tests the machine that it runs on and takes no --from; inventory, devices, plan "
                 "and profile fit read a capture"};
  }
  return std::nullopt;
}

}  // namespace

std::shared_ptr<CLI::App> command_line(int& exit_code) {
  auto app = std::make_shared<CLI::App>(kAbout, "rackproof");
  app->require_subcommand(1);
  app->set_help_flag("-h,--help", "print this help");
  app->set_version_flag("--version", std::string("rackproof ") + kVersion, "print the version");
  for (auto* add : {add_run, add_plan, add_stress, add_prove, add_inventory, add_capture,
                    add_devices, add_stressors, add_profile, add_keygen, add_schema, add_verify,
                    add_report, add_version, add_completion, add_man}) {
    add(*app, exit_code);
  }
  app->footer(std::string(kExamples) + kExitCodes);  // not before: subcommands would inherit it
  refuse_empty_values(*app);
  return app;
}

int run_command_line(int argc, char** argv) {
  int code = 0;
  const auto app = command_line(code);
  if (const auto wrong = wrong_subcommand(*app, argc, argv)) return complain(*wrong);
  if (const auto wrong = empty_assignment(argc, argv)) return complain(*wrong);
  if (const auto wrong = load_from_capture(argc, argv)) return complain(*wrong);
  try {
    app->parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    return complain(unexpected_word(*app));
  } catch (const CLI::ParseError& problem) {
    // CLI11 has codes of its own: help is 0, everything else is bad usage.
    return app->exit(problem) == 0 ? 0 : kExitUsage;
  }
  return code;
}

}  // namespace rackproof
