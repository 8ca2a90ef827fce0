// SPDX-License-Identifier: Apache-2.0
// inventory.json: the rack as data.
#include "core/json_fields.h"
#include "runner/planner.h"

namespace rackproof {
namespace {

constexpr const char* kSchema = "rackproof/inventory/1";

}  // namespace

Json to_json(const Rack& rack) {
  Json devices = Json::array();
  for (const DeviceInfo& device : rack.devices) devices.push_back(to_json(device));
  return Json{{"schema", kSchema},
              {"host", to_json(rack.host)},
              {"devices", std::move(devices)},
              {"discovery_problems", rack.discovery_problems},
              {"absent", rack.absent}};
}

Expected<Rack> rack_from_json(const Json& json) {
  try {
    if (json.at("schema") != kSchema)
      return fail(std::string("not a rack: schema is not ") + kSchema);
    Rack rack;
    auto host = inventory_from_json(json.at("host"));
    if (!host) return tl::unexpected(host.error());
    rack.host = std::move(*host);
    for (const Json& entry : json.at("devices").get<std::vector<Json>>()) {
      auto device = device_from_json(entry);
      if (!device) return tl::unexpected(device.error());
      rack.devices.push_back(std::move(*device));
    }
    json.at("discovery_problems").get_to(rack.discovery_problems);
    json.at("absent").get_to(rack.absent);
    return rack;
  } catch (const Json::exception& problem) {
    return fail(std::string("not a rack: ") + problem.what());
  }
}

}  // namespace rackproof
