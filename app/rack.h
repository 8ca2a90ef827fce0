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

/// `--synthetic SPEC`, `--backend NAME` (repeatable).
struct RackOptions {
  std::string synthetic;
  std::vector<std::string> only;
  [[nodiscard]] std::map<std::string, std::string> specs() const;
};
std::shared_ptr<RackOptions> add_rack_options(CLI::App& command);

/// This host's inventory and the devices of all back ends asked for. SIGINT and SIGTERM ask for a
/// clean stop from here on (app/stop.h): during discovery nothing was run, which is an Error.
[[nodiscard]] Expected<Rack> look_around(const std::map<std::string, std::string>& specs,
                                         const std::vector<std::string>& only);

}  // namespace rackproof
