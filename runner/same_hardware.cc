// SPDX-License-Identifier: Apache-2.0
#include "runner/same_hardware.h"

#include <fmt/format.h>

#include <map>

namespace rackproof {
namespace {

std::map<std::string, std::string> device_identities(const Rack& rack) {
  std::map<std::string, std::string> all;
  for (const DeviceInfo& d : rack.devices) {
    all["device " + d.id] = fmt::format("{} serial '{}' uuid '{}' at '{}', {} bytes, {} cores",
                                        d.name, d.serial, d.uuid, d.bdf, d.memory_bytes, d.cores);
  }
  return all;
}

std::map<std::string, std::string> host_identities(const Rack& rack) {
  std::map<std::string, std::string> all;
  const Inventory& host = rack.host;
  for (const auto& [key, value] : host.dmi) all["DMI " + key] = value;
  for (std::size_t i = 0; i < host.packages.size(); ++i) {
    all[fmt::format("package {}", i)] =
        fmt::format("{}, microcode {}, {} PUs", host.packages[i].model, host.packages[i].microcode,
                    host.packages[i].pus);
  }
  for (const PciDevice& p : host.pci) {
    all["PCI " + p.bdf] =
        fmt::format("{}:{} {} x{}", p.vendor_id, p.device_id, p.driver, p.link.width);
  }
  all["kernel"] = host.kernel;
  return all;
}

void compare(const std::map<std::string, std::string>& before,
             const std::map<std::string, std::string>& now, std::vector<std::string>& found) {
  for (const auto& [part, was] : before) {
    const auto is = now.find(part);
    if (is == now.end()) {
      found.push_back(fmt::format("{} is gone (was {})", part, was));
    } else if (is->second != was) {
      found.push_back(fmt::format("{} was {}, is {}", part, was, is->second));
    }
  }
  for (const auto& [part, is] : now) {
    if (before.count(part) == 0) found.push_back(fmt::format("{} is new ({})", part, is));
  }
}

}  // namespace

std::vector<std::string> differences(const Rack& before, const Rack& now) {
  std::vector<std::string> found;
  compare(device_identities(before), device_identities(now), found);
  compare(host_identities(before), host_identities(now), found);
  return found;
}

}  // namespace rackproof
