// SPDX-License-Identifier: Apache-2.0
// `rackproof inventory`: what is in this machine. Never touches a device.
#include "hardware/inventory.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/print.h"
#include "app/rack.h"
#include "hardware/attention.h"
#include "hardware/capture.h"
#include "hardware/capture_kernel_log.h"

namespace rackproof {
namespace {

constexpr const char* kLiveLog = "/dev/kmsg";

struct Options {
  std::string root = "/", hwloc_xml, pci_dump, from;
  bool json = false;
};

// What is looked at: this machine, the files named one by one, or a capture.
Expected<Capture> opened(const Options& options) {
  if (!options.from.empty()) return open_capture(options.from);
  Capture capture;
  capture.sources = {options.root, options.hwloc_xml, options.pci_dump, {}};
  const bool live = options.root == "/" && options.hwloc_xml.empty() && options.pci_dump.empty();
  if (live) capture.kernel_log = kLiveLog;
  return capture;
}

// A log that cannot be read is a note on the machine in front of us, an error in a capture.
Expected<std::vector<Notice>> events_of(const Capture& capture, Inventory& inventory) {
  if (capture.kernel_log.empty()) return std::vector<Notice>{};
  const bool live = capture.kernel_log == kLiveLog;
  const auto records = live ? read_ring(kLiveLog) : read_dmesg(capture.kernel_log);
  if (records) return kernel_findings(*records);
  if (!live) return tl::unexpected(records.error());
  inventory.notes.push_back("kernel log: " + records.error().text());
  return std::vector<Notice>{};
}

Json as_json(const Inventory& inventory, const std::vector<Notice>& events) {
  Json json = to_json(inventory);
  Json& found = json["attention"] = Json::array();
  for (const Notice& finding : attention(inventory)) found.push_back(to_json(finding));
  for (const Notice& finding : events) found.push_back(to_json(finding));
  return json;
}

int show(const Options& options) {
  const auto capture = opened(options);
  if (!capture) return complain(capture.error());
  auto inventory = read_inventory(capture->sources);
  if (!inventory) return complain(inventory.error());
  const auto events = events_of(*capture, *inventory);
  if (!events) return complain(events.error());
  inventory->notes.insert(inventory->notes.end(), capture->notes.begin(), capture->notes.end());
  if (options.json) {
    print(as_json(*inventory, *events));
  } else {
    print((capture->what.empty() ? "" : "from      " + capture->what + "\n") +
          describe(*inventory, *events));
  }
  return 0;
}

}  // namespace

void add_inventory(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("inventory", "packages, memory, PCI devices and links, firmware, kernel");
  auto* from = command->add_option("--from", options->from, kFromHelp)->type_name("PATH");
  command->add_option("--root", options->root, "read /sys, /proc and /etc below this folder")
      ->type_name("DIR")
      ->capture_default_str()
      ->excludes(from);
  command
      ->add_option("--hwloc-xml", options->hwloc_xml,
                   "read the topology from this file instead (lstopo --of xml)")
      ->type_name("FILE")
      ->excludes(from);
  command
      ->add_option("--pci-dump", options->pci_dump, "read PCI from this file instead (lspci -xxxx)")
      ->type_name("FILE")
      ->excludes(from);
  command->add_flag("--json", options->json, "as JSON");
  command->callback([options, &exit_code] { exit_code = show(*options); });
}

}  // namespace rackproof
