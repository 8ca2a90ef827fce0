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

/// This host's inventory and the devices of all back ends asked for.
[[nodiscard]] Expected<Rack> look_around(const std::map<std::string, std::string>& specs,
                                         const std::vector<std::string>& only);

/// What differs between two looks at what should be the same hardware, in words; empty: the same.
/// Compares identities (serials, UUIDs, sizes, PCI places), not readings that change by themselves.
[[nodiscard]] std::vector<std::string> differences(const Rack& before, const Rack& now);

}  // namespace rackproof
