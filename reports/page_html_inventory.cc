// SPDX-License-Identifier: Apache-2.0
// What is in the box: the checks of it, hosts, devices, and the PCI tree.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "reports/page_html_fields.h"
#include "reports/page_html_marks.h"
#include "reports/page_html_sections.h"
#include "reports/page_html_text.h"

namespace rackproof {
namespace {

constexpr int kDeepestTree = 32;

std::string check_row(const Json& row) {
  return "<tr><td>" + verdict_mark(text(row, "verdict")) + "</td>" + cell(text(row, "name")) +
         cell(text(row, "expected"), "num") + cell(text(row, "found"), "num") +
         cell(text(row, "detail"), "why") + "</tr>\n";
}

std::string device_row(const Json& row) {
  std::string numa;
  if (number(row, "numa_node").value_or(-1) >= 0) numa = amount(row, "numa_node");
  return "<tr>" + cell(text(row, "node")) + cell(text(row, "id")) + cell(text(row, "name")) +
         cell(text(row, "serial")) + cell(text(row, "uuid")) + cell(text(row, "bdf")) +
         cell(numa, "num") + cell(amount(row, "memory_bytes", Unit::byte), "num") +
         cell(amount(row, "cores"), "num") + cell(text(row, "driver")) + "</tr>\n";
}

// "Gen" would need a table: the rate that the link trained to says as much.
std::string link_text(const Json& pci) {
  const Json& link = field(pci, "link");
  const double speed = number(link, "speed_gts").value_or(0);
  const double width = number(link, "width").value_or(0);
  const double most_speed = number(link, "max_speed_gts").value_or(0);
  const double most_width = number(link, "max_width").value_or(0);
  if (most_speed <= 0 && most_width <= 0) return {};
  std::string now = fmt::format("{:.4g} GT/s x{:.0f}", speed, width);
  if (speed >= most_speed && width >= most_width) return now;
  return now + fmt::format(", below its {:.4g} GT/s x{:.0f}", most_speed, most_width);
}

using Children = std::multimap<std::string, const Json*>;

std::string pci_item(const Json& pci) {
  const std::string link = link_text(pci), driver = text(pci, "driver");
  std::string line =
      fmt::format("<code>{}</code> {}", escaped(text(pci, "bdf")), escaped(text(pci, "name")));
  if (!link.empty()) line += fmt::format(" <span class=\"size\">{}</span>", escaped(link));
  if (!driver.empty()) line += fmt::format(" <span class=\"size\">{}</span>", escaped(driver));
  return line;
}

// `left` bounds what a broken or hostile inventory, in which parts are their own parents, can cost.
std::string pci_list(const Children& children, const std::string& parent, int depth,
                     std::size_t& left) {
  std::string items;
  const auto [begin, end] = children.equal_range(parent);
  for (auto at = begin; at != end && left > 0 && depth < kDeepestTree; ++at) {
    --left;
    const std::string bdf = text(*at->second, "bdf");
    const std::string below = bdf.empty() ? "" : pci_list(children, bdf, depth + 1, left);
    items += "<li>" + pci_item(*at->second) + below + "</li>\n";
  }
  return items.empty() ? items : "<ul class=\"tree\">\n" + items + "</ul>\n";
}

std::string pci_tree(const Json& host) {
  Children children;
  for (const Json& pci : rows(host, "pci")) children.emplace(text(pci, "parent"), &pci);
  std::size_t left = children.size();
  const std::string tree = pci_list(children, "", 0, left);
  if (tree.empty()) return {};
  return folded(false, fmt::format("PCI tree, {} functions", children.size()), tree);
}

std::string caches_of(const Json& host) {
  std::string all;
  for (const Json& cache : rows(host, "caches")) {
    all += fmt::format("{}L{} {} {} of {}", all.empty() ? "" : ", ", amount(cache, "level"),
                       text(cache, "kind"), amount(cache, "count"),
                       amount(cache, "size_bytes", Unit::byte));
  }
  return all;
}

std::string packages_of(const Json& host) {
  std::string all;
  for (const Json& package : rows(host, "packages")) {
    all += fmt::format("{}{}, {} cores, {} threads, microcode {}", all.empty() ? "" : "; ",
                       text(package, "model"), amount(package, "cores"), amount(package, "pus"),
                       text(package, "microcode"));
  }
  return all;
}

std::string os_devices_of(const Json& host) {
  std::string all;
  for (const Json& device : rows(host, "os_devices")) {
    all += fmt::format("{}{} ({})", all.empty() ? "" : ", ", text(device, "name"),
                       text(device, "kind"));
  }
  return all;
}

std::string named_texts(const Json& object, const char* prefix) {
  std::string list;
  if (!object.is_object()) return list;
  for (const auto& [key, value] : object.items()) {
    if (value.is_string())
      list += fact(escaped(std::string(prefix) + key), value.get<std::string>());
  }
  return list;
}

std::string host_facts(const Json& host) {
  std::string list = fact("Host", text(host, "hostname"));
  list += fact("System", text(host, "os"));
  list += fact("Kernel", text(host, "kernel") + " " + text(host, "architecture"));
  list += fact("Processors", packages_of(host));
  list += fact("Memory", amount(host, "memory_bytes", Unit::byte));
  list += fact("NUMA nodes", fmt::format("{}", rows(host, "numa_nodes").size()));
  list += fact("Caches", caches_of(host));
  list += fact("Disks, networks", os_devices_of(host));
  list += named_texts(field(host, "dmi"), "DMI ");
  list += named_texts(field(host, "drivers"), "Driver ");
  return "<dl class=\"facts\">\n" + list + "</dl>\n";
}

std::string notes_of(const Json& inventory) {
  std::string items;
  for (const std::string& note : texts(field(inventory, "host"), "notes"))
    items += "<li>" + escaped(note) + "</li>\n";
  for (const std::string& note : texts(inventory, "discovery_problems"))
    items += "<li>" + escaped(note) + "</li>\n";
  return items.empty() ? items : "<p>Not readable here:</p>\n<ul>\n" + items + "</ul>\n";
}

}  // namespace

std::string inventory_part(const Json& report, const Json& inventory) {
  std::string checks, devices;
  for (const Json& row : rows(report, "inventory")) checks += check_row(row);
  for (const Json& row : rows(inventory, "devices")) devices += device_row(row);
  std::string body = table("Inventory checks", "Verdict|Hardware|>Expected|>Found|Detail", checks);
  if (!devices.empty()) {
    body += folded(
        false, fmt::format("Devices, {}", rows(inventory, "devices").size()),
        table("Devices", "Node|Device|Name|Serial|UUID|BDF|>NUMA|>Memory|>Cores|Driver", devices));
  }
  const Json& host = field(inventory, "host");
  if (host.is_object()) {
    body += folded(false, "Host " + escaped(text(host, "hostname")),
                   host_facts(host) + notes_of(inventory));
    body += pci_tree(host);
  }
  return section("inventory", "Inventory", body);
}

}  // namespace rackproof
