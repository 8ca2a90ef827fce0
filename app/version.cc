// SPDX-License-Identifier: Apache-2.0
// `rackproof version`: what this program is, for a bug report.
#include "app/version.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/print.h"
#include "core/device.h"
#include "core/hash.h"
#include "core/stressor.h"

namespace rackproof {

void add_version(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "version", "version, digest of this program, back ends and stressors in it");
  command->callback([&exit_code] {
    const auto digest = sha256_file("/proc/self/exe");
    std::string names;
    for (const Backend& backend : backends()) names += " " + backend.name;
    print(fmt::format("rackproof {}\nsha256   {}\nbackends{}\nstressors {}", kVersion,
                      digest ? hex(*digest) : "unknown", names, stressors().size()));
    exit_code = 0;
  });
}

}  // namespace rackproof
