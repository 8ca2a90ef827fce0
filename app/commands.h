// SPDX-License-Identifier: Apache-2.0
// One file per subcommand. Each adds itself to the command line and, when it was chosen, leaves the
// exit code.
#pragma once

namespace CLI {
class App;
}

namespace rackproof {

/// For the help of what ends with a verdict.
inline constexpr const char* kExitCodes =
    "Exit codes: 0 PASS, 1 FAIL, 2 MARGINAL, 3 INCOMPLETE, 4 INVALID, 5 ERROR, 64 bad usage "
    "(nothing was run).\n";

void add_run(CLI::App& app, int& exit_code);
void add_plan(CLI::App& app, int& exit_code);
void add_stress(CLI::App& app, int& exit_code);
void add_prove(CLI::App& app, int& exit_code);
void add_inventory(CLI::App& app, int& exit_code);
void add_capture(CLI::App& app, int& exit_code);
void add_devices(CLI::App& app, int& exit_code);
void add_stressors(CLI::App& app, int& exit_code);
void add_profile(CLI::App& app, int& exit_code);
void add_keygen(CLI::App& app, int& exit_code);
void add_schema(CLI::App& app, int& exit_code);
void add_verify(CLI::App& app, int& exit_code);
void add_report(CLI::App& app, int& exit_code);
void add_version(CLI::App& app, int& exit_code);
void add_completion(CLI::App& app, int& exit_code);
void add_man(CLI::App& app, int& exit_code);

}  // namespace rackproof
