// SPDX-License-Identifier: Apache-2.0
// argv -> subcommand -> exit code. The only place that ends the process.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <string_view>

#include "app/commands.h"
#include "app/print.h"
#include "core/verdict.h"
#include "runner/worker.h"

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
    "  rackproof verify BUNDLE --trust TRUST.yaml\n\n"
    "Exit codes: 0 PASS, 1 FAIL, 2 MARGINAL, 3 INCOMPLETE, 4 INVALID, 5 ERROR, 64 bad usage "
    "(nothing was run).\n";

// CLI11 would only say that a subcommand is missing.
std::optional<rackproof::Error> unknown_subcommand(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return std::nullopt;
  std::vector<std::string> known;
  for (const CLI::App* command : app.get_subcommands(nullptr)) known.push_back(command->get_name());
  if (std::find(known.begin(), known.end(), argv[1]) != known.end()) return std::nullopt;
  const std::string near = rackproof::nearest(argv[1], known);
  return rackproof::Error{
      std::string("unknown subcommand '") + argv[1] + "'" +
      (near.empty() ? "; --help lists them" : "; did you mean '" + near + "'?")};
}

int run_command_line(int argc, char** argv) {
  using namespace rackproof;
  CLI::App app(kAbout, "rackproof");
  app.footer(kExamples);
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "print this help");
  int code = 0;
  for (auto* add : {add_run, add_plan, add_stress, add_inventory, add_devices, add_stressors,
                    add_profile, add_keygen, add_schema, add_verify, add_version}) {
    add(app, code);
  }
  if (const auto unknown = unknown_subcommand(app, argc, argv)) return complain(*unknown);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    // CLI11 has codes of its own: help is 0, everything else is bad usage.
    return app.exit(problem) == 0 ? 0 : kExitUsage;
  }
  return code;
}

// Otherwise the first file opened, perhaps the journal, would be the standard output.
void open_standard_files() {
  for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", O_RDWR);
  }
}

}  // namespace

int main(int argc, char** argv) {
  using rackproof::Verdict;
  open_standard_files();
  std::signal(SIGCHLD, SIG_DFL);  // ignored by a parent, it would hide how workers end
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a failed write, not an end without a record
  std::signal(SIGXFSZ, SIG_IGN);  // so is a file-size limit
  try {
    if (argc > 1 && std::string_view(argv[1]) == "worker")
      return rackproof::worker_main(argc - 2, argv + 2);
    return run_command_line(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "rackproof: %s\n", problem.what());
  } catch (...) {
    std::fputs("rackproof: an unknown error\n", stderr);
  }
  return rackproof::exit_code(Verdict::error);
}
