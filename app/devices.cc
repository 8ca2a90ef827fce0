// SPDX-License-Identifier: Apache-2.0
// `rackproof devices`: what the back ends offer to stressors, and which back end did not answer.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/print.h"
#include "app/rack.h"
#include "core/record.h"

namespace rackproof {
namespace {

// A dash: neither firmware nor kernel says.
std::string numa_text(const DeviceInfo& device) {
  return device.numa_node < 0 ? "-" : fmt::format("{}", device.numa_node);
}

std::string as_text(const Rack& rack) {
  std::string text = fmt::format("{:<12} {:<10} {:<28} {:>10} {:>6} {:>4}  {}\n", "device", "kind",
                                 "name", "memory", "cores", "numa", "serial");
  for (const DeviceInfo& d : rack.devices) {
    text += fmt::format("{:<12} {:<10} {:<28.28} {:>10} {:>6} {:>4}  {}\n", d.id, d.kind, d.name,
                        format(static_cast<double>(d.memory_bytes), Unit::byte), d.cores,
                        numa_text(d), d.serial);
  }
  if (rack.devices.empty()) text = "no devices\n";
  for (const std::string& problem : rack.discovery_problems)
    text += fmt::format("problem: {}\n", problem);
  for (const std::string& reason : rack.absent) text += fmt::format("not here: {}\n", reason);
  return text;
}

constexpr const char* kForeignNote =
    "note: from a capture, not this machine: CPU devices alone; how much of their memory is free "
    "and "
    "how fast they can be is unknown\n";

// A zero would look like a measurement.
Json unmeasured(const DeviceInfo& device) {
  Json json = to_json(device);
  json["allocatable_bytes"] = nullptr;
  return json;
}

int show(const RackOptions& options, bool json) {
  const auto rack = look_around(options);
  if (!rack) return complain(rack.error());
  const bool foreign = !options.from.empty();
  if (json) {
    Json all = Json::array();
    for (const DeviceInfo& d : rack->devices) all.push_back(foreign ? unmeasured(d) : to_json(d));
    print(Json{{"devices", all}, {"problems", rack->discovery_problems}, {"absent", rack->absent}});
  } else {
    print(as_text(*rack) + (foreign ? kForeignNote : ""));
  }
  return 0;
}

}  // namespace

void add_devices(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("devices", "the devices that stressors can run on");
  const auto rack = add_reading_options(*command);
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "as JSON");
  command->callback([rack, json, &exit_code] { exit_code = show(*rack, *json); });
}

}  // namespace rackproof
