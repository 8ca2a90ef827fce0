// SPDX-License-Identifier: Apache-2.0
#include "app/rack.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/stop.h"
#include "hardware/capture.h"
#include "runner/discovery.h"

namespace rackproof {

std::map<std::string, std::string> RackOptions::specs() const {
  std::map<std::string, std::string> specs;
  if (!synthetic.empty()) specs["synthetic"] = synthetic;
  // CPUs are OpenCL devices too, which nobody wants to test twice unless asked to.
  if (std::find(only.begin(), only.end(), "opencl") != only.end()) specs["opencl"] = "all";
  return specs;
}

std::shared_ptr<RackOptions> add_rack_options(CLI::App& command) {
  auto options = std::make_shared<RackOptions>();
  command
      .add_option("--synthetic", options->synthetic,
                  "a described rack (file or text): see docs/reference/synthetic.md")
      ->type_name("RACK");
  command.add_option("--backend", options->only, "ask only this back end for devices (repeatable)")
      ->type_name("BACKEND")
      ->allow_extra_args(false);
  return options;
}

std::shared_ptr<RackOptions> add_reading_options(CLI::App& command) {
  auto options = add_rack_options(command);
  command.add_option("--from", options->from, kFromHelp)
      ->type_name("PATH")
      ->excludes("--synthetic")
      ->excludes("--backend");
  return options;
}

namespace {

// A virtual machine's only node can lag behind what it was given. Of no other kind of device: its
// memory is not the host's.
void raise_only_node(Rack& rack) {
  if (rack.devices.size() != 1 || rack.devices[0].kind != "cpu") return;
  std::uint64_t& memory = rack.devices[0].memory_bytes;
  memory = std::max(memory, rack.host.memory_bytes);
}

Expected<Rack> look_at_capture(const std::string& from) {
  auto capture = open_capture(from);
  if (!capture) return tl::unexpected(capture.error());
  if (capture->sources.hwloc_xml.empty()) {
    return tl::unexpected(
        Error{"has no topology, which shows the processors and their memory: "
              "`rackproof capture` or `lstopo --of xml` writes one",
              from});
  }
  auto inventory = read_inventory(capture->sources);
  if (!inventory) return tl::unexpected(inventory.error());
  DiscoveryRequest request;
  request.specs["cpu"] = "xml:" + capture->sources.hwloc_xml.string();
  request.only = {"cpu"};
  request.stop = &stop_asked();
  auto found = discover(request);
  if (!found) return tl::unexpected(found.error());
  Rack rack{*std::move(inventory), std::move(found->devices), std::move(found->problems),
            std::move(found->absent)};
  raise_only_node(rack);
  return rack;
}

}  // namespace

Expected<Rack> look_around(const RackOptions& options) {
  return options.from.empty() ? look_around(options.specs(), options.only)
                              : look_at_capture(options.from);
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
  Rack rack{*std::move(inventory), std::move(found->devices), std::move(found->problems),
            std::move(found->absent)};
  raise_only_node(rack);
  return rack;
}

Expected<std::vector<DeviceInfo>> devices_named(const Rack& rack, const std::string& name) {
  std::vector<DeviceInfo> chosen;
  for (const DeviceInfo& d : rack.devices) {
    if (name.empty() || d.kind == name || d.id == name) chosen.push_back(d);
  }
  if (!chosen.empty()) return chosen;
  std::string reasons;
  for (const std::string& problem : rack.discovery_problems) reasons += "; problem: " + problem;
  for (const std::string& reason : rack.absent) reasons += "; not here: " + reason;
  if (name.empty()) return fail("no device is there" + reasons);
  return fail(fmt::format("no device or kind is named '{}'; `rackproof devices` lists them{}", name,
                          reasons));
}

}  // namespace rackproof
