// SPDX-License-Identifier: Apache-2.0
// The inventory as a page of text for people: what is there, what is wrong with it, what is
// unknown.
#include <fmt/format.h>

#include <map>
#include <set>

#include "core/units.h"
#include "hardware/attention.h"
#include "hardware/inventory.h"

namespace rackproof {
namespace {

std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }

std::string bytes(std::uint64_t size) { return format(static_cast<double>(size), Unit::byte); }

std::string memory(std::uint64_t size) {
  return fmt::format("{:.1f} GiB", static_cast<double>(size) / (1u << 30));
}

std::string dmi(const Inventory& inventory, const char* key) {
  const auto found = inventory.dmi.find(key);
  return found == inventory.dmi.end() ? "unknown" : or_unknown(found->second);
}

std::string describe_host(const Inventory& i) {
  return fmt::format(
      "host      {} ({}), {}, kernel {}\n"
      "system    {} {}, serial {}, board serial {}, BIOS {} of {}\n",
      or_unknown(i.hostname), or_unknown(i.architecture), or_unknown(i.os), or_unknown(i.kernel),
      dmi(i, "sys_vendor"), dmi(i, "product_name"), dmi(i, "product_serial"),
      dmi(i, "board_serial"), dmi(i, "bios_version"), dmi(i, "bios_date"));
}

std::string describe_processors(const Inventory& inventory) {
  std::string text;
  for (const CpuPackage& p : inventory.packages) {
    text += fmt::format("package   {}, {} cores, {} PUs, microcode {}\n", or_unknown(p.model),
                        p.cores, p.pus, or_unknown(p.microcode));
  }
  for (const Cache& c : inventory.caches) {
    text +=
        fmt::format("cache     {} x L{} {}, {}\n", c.count, c.level, c.kind, bytes(c.size_bytes));
  }
  return text;
}

std::string describe_memory(const Inventory& inventory) {
  std::string text =
      fmt::format("memory    {} in {} NUMA node{}\n", memory(inventory.memory_bytes),
                  inventory.numa_nodes.size(), inventory.numa_nodes.size() == 1 ? "" : "s");
  for (const NumaNode& n : inventory.numa_nodes) {
    text += fmt::format("numa      node {}: {}, {} cores, {} PUs\n", n.index,
                        memory(n.memory_bytes), n.cores, n.pus);
  }
  return text;
}

std::string speed(double gts, int width) { return fmt::format("{:g} GT/s x{}", gts, width); }

std::string describe_link(const PciLink& link) {
  if (link.width == 0) return "";
  return ", " + speed(link.speed_gts, link.width);
}

// Bridges are the way to the devices, not what people look for.
bool is_bridge(const PciDevice& device) { return device.class_id.starts_with("06"); }

std::string describe_pci(const Inventory& inventory) {
  std::string text;
  std::size_t bridges = 0;
  for (const PciDevice& d : inventory.pci) {
    bridges += is_bridge(d) ? 1 : 0;
    if (is_bridge(d)) continue;
    text += fmt::format("pci       {} {}: {} [{}:{}]{}, driver {}\n", d.bdf, d.class_name, d.name,
                        d.vendor_id, d.device_id, describe_link(d.link),
                        d.driver.empty() ? "none" : d.driver);
  }
  return text +
         fmt::format("pci       {} devices, {} of them bridges\n", inventory.pci.size(), bridges);
}

std::string describe_os_devices(const Inventory& inventory) {
  std::map<std::string, std::string> by_kind;
  for (const OsDevice& d : inventory.os_devices) {
    std::string& names = by_kind[d.kind];
    names += (names.empty() ? "" : " ") + d.name;
  }
  std::string text;
  for (const auto& [kind, names] : by_kind) text += fmt::format("{:<9} {}\n", kind, names);
  for (const auto& [module, version] : inventory.drivers) {
    text +=
        fmt::format("driver    {} {}\n", module, version.empty() ? "(the kernel's own)" : version);
  }
  return text;
}

std::string below(const PciDevice& device) {
  return device.parent.empty() ? "" : ", below bridge " + device.parent;
}

// A link has one line, though each function of the device shows it.
std::string link_of(const PciDevice& device) { return device.bdf.substr(0, device.bdf.rfind('.')); }

std::string bridge_limit_line(const PciDevice& d) {
  return fmt::format("slot      {} can {}, its slot {}{} ({})\n", d.bdf,
                     speed(d.link.device_speed_gts, d.link.device_width),
                     speed(d.link.max_speed_gts, d.link.max_width), below(d), d.name);
}

bool limited_by_bridge(const PciLink& link) {
  return link.max_width > 0 &&
         (link.max_speed_gts < link.device_speed_gts || link.max_width < link.device_width);
}

std::string describe_limiting_slots(const Inventory& inventory) {
  std::string text;
  std::set<std::string> told;
  for (const PciDevice& d : inventory.pci) {
    if (limited_by_bridge(d.link) && told.insert(link_of(d)).second) text += bridge_limit_line(d);
  }
  return text;
}

std::string describe_attention(const std::vector<Notice>& found) {
  std::string text;
  for (const Notice& f : found) text += fmt::format("attention {}; {}\n", f.text, f.next_step);
  return text.empty() ? "attention nothing found in what could be read\n" : text;
}

std::string describe_notes(const Inventory& inventory) {
  std::string text;
  for (const std::string& note : inventory.notes) text += fmt::format("note      {}\n", note);
  return text;
}

}  // namespace

std::string describe(const Inventory& inventory, const std::vector<Notice>& events) {
  std::vector<Notice> found = attention(inventory);
  found.insert(found.end(), events.begin(), events.end());
  return describe_host(inventory) + describe_processors(inventory) + describe_memory(inventory) +
         describe_pci(inventory) + describe_os_devices(inventory) +
         describe_limiting_slots(inventory) + describe_attention(found) + describe_notes(inventory);
}

std::string describe(const Inventory& inventory) { return describe(inventory, {}); }

}  // namespace rackproof
