// SPDX-License-Identifier: Apache-2.0
#include "hardware/firmware.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <sstream>
#include <string_view>
#include <system_error>

#include "core/json.h"
#include "hardware/utf8_line.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kLimitBytes = 64u << 20;  // cpuinfo of a large machine has megabytes

constexpr std::array kDmiKeys{
    "sys_vendor",        "product_name",       "product_version", "product_serial",
    "product_uuid",      "product_sku",        "product_family",  "board_vendor",
    "board_name",        "board_version",      "board_serial",    "board_asset_tag",
    "chassis_vendor",    "chassis_type",       "chassis_version", "chassis_serial",
    "bios_vendor",       "bios_version",       "bios_date",       "bios_release",
    "chassis_asset_tag", "ec_firmware_release"};

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return utf8_line(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

// One line of text, or a note.
std::string line_or_note(const std::filesystem::path& path, const char* what,
                         Inventory& inventory) {
  const auto bytes = read_file(path, kLimitBytes);
  if (bytes) return trimmed(*bytes);
  inventory.notes.push_back(fmt::format("{}: {}", what, bytes.error().text()));
  return {};
}

void read_dmi(const std::filesystem::path& root, Inventory& inventory) {
  const auto folder = root / "sys/class/dmi/id";
  std::error_code code;
  if (!std::filesystem::is_directory(folder, code)) {
    inventory.notes.push_back(fmt::format("dmi: {} is not there", folder.string()));
    return;
  }
  for (const char* key : kDmiKeys) {
    if (!std::filesystem::exists(folder / key, code)) continue;
    const auto bytes = read_file(folder / key, kLimitBytes);
    if (bytes) {
      inventory.dmi[key] = trimmed(*bytes);
    } else {
      inventory.notes.push_back(fmt::format("dmi: {}: {}", key, bytes.error().text()));
    }
  }
}

// PRETTY_NAME="Debian GNU/Linux 12" gives Debian GNU/Linux 12.
std::string pretty_name(const std::string& os_release) {
  constexpr std::string_view kKey = "PRETTY_NAME=";
  std::istringstream lines(os_release);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(kKey)) continue;
    std::string value = trimmed(line.substr(kKey.size()));
    const bool quoted = value.size() > 1 && (value.front() == '"' || value.front() == '\'') &&
                        value.back() == value.front();
    return quoted ? value.substr(1, value.size() - 2) : value;
  }
  return {};
}

void read_kernel(const std::filesystem::path& root, Inventory& inventory) {
  if (utsname live{}; root == "/" && ::uname(&live) == 0) {
    inventory.hostname = live.nodename;
    inventory.kernel = live.release;
    inventory.architecture = live.machine;
    return;
  }
  const auto folder = root / "proc/sys/kernel";
  inventory.hostname = line_or_note(folder / "hostname", "hostname", inventory);
  inventory.kernel = line_or_note(folder / "osrelease", "kernel", inventory);
  inventory.architecture = line_or_note(folder / "arch", "architecture", inventory);
}

// One "processor" block of cpuinfo, as far as it matters.
struct CpuBlock {
  std::string package = "0";  // "physical id"; kernels without it show one package
  std::string model, vendor, microcode;
};

void take(const std::string& key, const std::string& value, CpuBlock& block) {
  if (key == "physical id") block.package = value;
  if (key == "model name") block.model = value;
  if (key == "vendor_id") block.vendor = value;
  if (key == "microcode") block.microcode = value;
}

std::vector<CpuBlock> cpu_blocks(const std::string& cpuinfo) {
  std::vector<CpuBlock> blocks;
  std::istringstream lines(cpuinfo);
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string key = trimmed(line.substr(0, colon));
    if (key == "processor") blocks.emplace_back();
    if (!blocks.empty()) take(key, trimmed(line.substr(colon + 1)), blocks.back());
  }
  return blocks;
}

// Packages in the order of their first processor, as hwloc lists them too; a package whose
// processors differ in microcode is noted.
std::vector<CpuBlock> by_package(const std::vector<CpuBlock>& blocks, Inventory& inventory) {
  std::vector<CpuBlock> packages;
  for (const CpuBlock& block : blocks) {
    const auto same = std::find_if(packages.begin(), packages.end(),
                                   [&](const CpuBlock& p) { return p.package == block.package; });
    if (same == packages.end()) {
      packages.push_back(block);
    } else if (same->microcode != block.microcode) {
      inventory.notes.push_back(fmt::format("cpuinfo: package {} runs microcode {} and {}",
                                            block.package, same->microcode, block.microcode));
      same->microcode = block.microcode;
    }
  }
  return packages;
}

// "MemTotal:  123 kB" gives 123 * 1024; 0: no such line, or no size that a machine can have.
std::uint64_t mem_total_bytes(const std::string& meminfo) {
  std::istringstream lines(meminfo);
  for (std::string line; std::getline(lines, line);) {
    constexpr std::int64_t kMostKib = 1LL << 50;
    std::int64_t kib = 0;
    if (std::sscanf(line.c_str(), "MemTotal: %" SCNd64 " kB", &kib) != 1) continue;
    return kib > 0 && kib <= kMostKib ? static_cast<std::uint64_t>(kib) * 1024 : 0;
  }
  return 0;
}

}  // namespace

void read_firmware(const std::filesystem::path& root, Inventory& inventory) {
  read_kernel(root, inventory);
  inventory.boot_id = line_or_note(root / "proc/sys/kernel/random/boot_id", "boot id", inventory);
  const auto os_release = read_file(root / "etc/os-release", kLimitBytes);
  inventory.os = os_release ? pretty_name(*os_release) : "";
  if (inventory.os.empty()) {
    inventory.notes.push_back(os_release ? "os: etc/os-release has no PRETTY_NAME"
                                         : "os: " + os_release.error().text());
  }
  read_dmi(root, inventory);
}

void read_cpuinfo(const std::filesystem::path& root, Inventory& inventory) {
  const auto text = read_file(root / "proc/cpuinfo", kLimitBytes);
  if (!text) {
    inventory.notes.push_back("cpuinfo: " + text.error().text());
    return;
  }
  const auto packages = by_package(cpu_blocks(*text), inventory);
  if (packages.size() != inventory.packages.size()) {
    inventory.notes.push_back(
        fmt::format("cpuinfo: shows {} packages, the topology {}: microcode left out",
                    packages.size(), inventory.packages.size()));
    return;
  }
  for (std::size_t i = 0; i < packages.size(); ++i) {
    CpuPackage& package = inventory.packages[i];
    package.microcode = packages[i].microcode;
    if (package.model.empty()) package.model = packages[i].model;
    if (package.vendor.empty()) package.vendor = packages[i].vendor;
    if (package.microcode.empty()) {
      inventory.notes.push_back(fmt::format("cpuinfo: package {} shows no microcode version", i));
    }
  }
}

void read_memory_total(const std::filesystem::path& root, Inventory& inventory) {
  const auto text = read_file(root / "proc/meminfo", kLimitBytes);
  const std::uint64_t total = text ? mem_total_bytes(*text) : 0;
  if (total == 0) {
    inventory.notes.push_back("memory: " +
                              (text ? "proc/meminfo has no MemTotal" : text.error().text()));
    return;
  }
  const std::uint64_t in_nodes = inventory.memory_bytes;
  const std::uint64_t apart = total > in_nodes ? total - in_nodes : in_nodes - total;
  if (!inventory.numa_nodes.empty() && apart > total / 100) {
    inventory.notes.push_back(
        fmt::format("memory: the NUMA nodes hold {} bytes, MemTotal is {}: the larger counts",
                    in_nodes, total));
  }
  inventory.memory_bytes = std::max(total, in_nodes);
}

}  // namespace rackproof
