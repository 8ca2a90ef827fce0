// SPDX-License-Identifier: Apache-2.0
// `rackproof inventory`: what is in this machine. Never touches a device.
#include "hardware/inventory.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/print.h"

namespace rackproof {
namespace {

int show(const InventorySources& sources, bool json) {
  const auto inventory = read_inventory(sources);
  if (!inventory) return complain(inventory.error());
  json ? print(to_json(*inventory)) : print(describe(*inventory));
  return 0;
}

}  // namespace

void add_inventory(CLI::App& app, int& exit_code) {
  struct Options {
    std::string root = "/", hwloc_xml, pci_dump;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("inventory", "packages, memory, PCI devices and links, firmware, kernel");
  command->add_option("--root", options->root, "read /sys, /proc and /etc below this folder")
      ->capture_default_str();
  command->add_option("--hwloc-xml", options->hwloc_xml,
                      "read the topology from this file instead (lstopo --of xml)");
  command->add_option("--pci-dump", options->pci_dump,
                      "read PCI from this file instead (lspci -xxxx)");
  command->add_flag("--json", options->json, "as JSON");
  command->callback([options, &exit_code] {
    exit_code = show({options->root, options->hwloc_xml, options->pci_dump}, options->json);
  });
}

}  // namespace rackproof
