// SPDX-License-Identifier: Apache-2.0
#include "app/rack.h"

#include <CLI/CLI.hpp>

#include "app/stop.h"
#include "runner/discovery.h"

namespace rackproof {

std::map<std::string, std::string> RackOptions::specs() const {
  std::map<std::string, std::string> specs;
  if (!synthetic.empty()) specs["synthetic"] = synthetic;
  return specs;
}

std::shared_ptr<RackOptions> add_rack_options(CLI::App& command) {
  auto options = std::make_shared<RackOptions>();
  command.add_option("--synthetic", options->synthetic,
                     "a described rack (file or text): see docs/reference/synthetic.md");
  command.add_option("--backend", options->only, "ask only this back end for devices (repeatable)");
  return options;
}

Expected<Rack> look_around(const std::map<std::string, std::string>& specs,
                           const std::vector<std::string>& only) {
  auto inventory = read_inventory();
  if (!inventory) return tl::unexpected(inventory.error());
  DiscoveryRequest request;
  request.specs = specs;
  request.only = only;
  request.stop = &stop_asked();
  auto found = discover(request);
  if (!found) return tl::unexpected(found.error());
  return Rack{*std::move(inventory), std::move(found->devices), std::move(found->problems)};
}

}  // namespace rackproof
