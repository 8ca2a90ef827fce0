// SPDX-License-Identifier: Apache-2.0
// What the commands that need devices share: the back ends' options and one look at what is there.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "runner/planner.h"

namespace CLI {
class App;
}

namespace rackproof {

/// `--synthetic SPEC`, `--backend NAME` (repeatable); `--from PATH` for commands that only read.
struct RackOptions {
  std::string synthetic, from;
  std::vector<std::string> only;
  [[nodiscard]] std::map<std::string, std::string> specs() const;
};
std::shared_ptr<RackOptions> add_rack_options(CLI::App& command);
/// Adds `--from` too; it excludes the options that add devices of this machine.
std::shared_ptr<RackOptions> add_reading_options(CLI::App& command);
inline constexpr const char* kFromHelp =
    "read another machine: a folder of `rackproof capture`, an hwloc XML, `lspci -xxxx`, "
    "`lspci -vvv` or `dmesg` output";

/// This host's inventory and the devices of all back ends asked for. SIGINT and SIGTERM ask for a
/// clean stop from here on (app/stop.h): during discovery nothing was run, which is an Error.
[[nodiscard]] Expected<Rack> look_around(const std::map<std::string, std::string>& specs,
                                         const std::vector<std::string>& only);

/// As look_around; with `options.from` the machine that it shows: the CPU devices of its topology,
/// without allocatable memory, which nobody knows.
[[nodiscard]] Expected<Rack> look_around(const RackOptions& options);

/// Those of this id or kind; all for an empty name. An Error that says where to look when there is
/// none.
[[nodiscard]] Expected<std::vector<DeviceInfo>> devices_named(const Rack& rack,
                                                              const std::string& name);

}  // namespace rackproof
