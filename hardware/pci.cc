// SPDX-License-Identifier: Apache-2.0
#include "hardware/pci.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>

#include "core/json.h"
#include "hardware/libpci_access.h"
#include "hardware/lspci_text.h"
#include "hardware/pci_dump.h"
#include "hardware/pci_tree.h"
#include "hardware/utf8_line.h"

namespace rackproof {
namespace {

constexpr int kFields = PCI_FILL_IDENT | PCI_FILL_CLASS | PCI_FILL_CAPS | PCI_FILL_EXT_CAPS |
                        PCI_FILL_NUMA_NODE | PCI_FILL_DRIVER;
constexpr int kHeaderBytes = 0x40;  // what everybody may read
constexpr int kExtendedSpace = 0x100;
constexpr std::uint64_t kDumpLimitBytes = 256u << 20;

// What a link names; a capture holds a file with that name in its place.
std::string named_by(const std::filesystem::path& link) {
  std::error_code code;
  const auto target = std::filesystem::read_symlink(link, code);
  if (!code) return target.filename();
  const auto text = read_file(link, 4096);
  return text ? utf8_line(text->substr(0, text->find('\n'))) : "";
}

// Configuration space names neither driver nor NUMA node; a captured /sys does.
void add_what_the_system_said(const std::filesystem::path& devices, PciDevice& device) {
  device.driver = named_by(devices / device.bdf / "driver");
  const auto node = read_file(devices / device.bdf / "numa_node", 4096);
  if (node) device.numa_node = static_cast<int>(std::strtol(node->c_str(), nullptr, 10));
}

bool readable(pci_dev* dev, int position) {
  std::uint8_t byte = 0;
  return pci_read_block(dev, position, &byte, 1) != 0;
}

std::optional<PciPort> port_of(pci_dev* dev) {
  const pci_cap* cap = pci_find_cap(dev, PCI_CAP_ID_EXP, PCI_CAP_NORMAL);
  if (cap == nullptr) return {};
  const int at = static_cast<int>(cap->addr);
  return PciPort{pci_read_word(dev, at + PCI_EXP_FLAGS), pci_read_long(dev, at + PCI_EXP_LNKCAP),
                 pci_read_word(dev, at + PCI_EXP_LNKSTA), pci_read_long(dev, at + PCI_EXP_SLTCAP),
                 pci_read_word(dev, at + PCI_EXP_SLTSTA)};
}

void read_aer(pci_dev* dev, PciDevice& device) {
  const pci_cap* cap = pci_find_cap(dev, PCI_EXT_CAP_ID_AER, PCI_CAP_EXTENDED);
  if (cap == nullptr) return;
  const int at = static_cast<int>(cap->addr);
  const std::uint32_t corrected = pci_read_long(dev, at + PCI_ERR_COR_STATUS);
  const std::uint32_t uncorrected = pci_read_long(dev, at + PCI_ERR_UNCOR_STATUS);
  // Reserved bits read as zero: all ones is a read that failed.
  if (corrected == 0xffffffff || uncorrected == 0xffffffff) return;
  device.has_aer = true;
  device.aer_corrected = corrected;
  device.aer_uncorrected = uncorrected;
}

// The highest byte first, as lspci prints it.
std::string serial_of(pci_dev* dev) {
  const pci_cap* cap = pci_find_cap(dev, PCI_EXT_CAP_ID_DSN, PCI_CAP_EXTENDED);
  if (cap == nullptr) return {};
  std::string text;
  for (int byte = 7; byte >= 0; --byte) {
    text += fmt::format("{}{:02x}", text.empty() ? "" : "-",
                        pci_read_byte(dev, static_cast<int>(cap->addr) + 4 + byte));
  }
  return text;
}

std::string driver_of(pci_dev* dev) {
  const char* driver = pci_get_string_property(dev, PCI_FILL_DRIVER);
  return driver == nullptr ? "" : driver;
}

PciBridge buses_of(pci_dev* dev) {
  PciBridge bridge;
  const int header = pci_read_byte(dev, PCI_HEADER_TYPE) & 0x7f;
  if (header == PCI_HEADER_TYPE_BRIDGE || header == PCI_HEADER_TYPE_CARDBUS) {
    bridge.secondary = pci_read_byte(dev, PCI_SECONDARY_BUS);
    bridge.subordinate = pci_read_byte(dev, PCI_SUBORDINATE_BUS);
  }
  return bridge;
}

// The identifiers alone do not tell: a virtual function's read as all ones by the specification.
bool answers(pci_dev* dev) {
  return pci_read_long(dev, PCI_VENDOR_ID) != 0xffffffff ||
         pci_read_long(dev, PCI_CLASS_REVISION) != 0xffffffff;
}

PciDevice device_of(pci_dev* dev, const LibpciAccess& access) {
  PciDevice device{.bdf = bdf_text(dev->domain, dev->bus, dev->dev, dev->func),
                   .vendor_id = fmt::format("{:04x}", dev->vendor_id),
                   .device_id = fmt::format("{:04x}", dev->device_id),
                   .class_id = fmt::format("{:04x}", dev->device_class),
                   .name = access.device_name(*dev),
                   .class_name = access.class_name(*dev),
                   .driver = driver_of(dev),
                   .numa_node = dev->numa_node};
  device.answers = answers(dev);
  // All ones are no registers.
  if (!device.answers) return device;
  device.bridge = buses_of(dev);
  device.serial = serial_of(dev);
  read_aer(dev, device);
  return device;
}

std::vector<std::string> troubles_of(pci_dev* dev, const PciFunction& function) {
  if (!function.device.answers) {
    return {"does not answer: its configuration space reads all ones"};
  }
  const bool has_capabilities = (pci_read_word(dev, PCI_STATUS) & PCI_STATUS_CAP_LIST) != 0;
  if (has_capabilities && !readable(dev, kHeaderBytes)) {
    return {"link not read: configuration space beyond 64 bytes needs root"};
  }
  if (function.port && !readable(dev, kExtendedSpace)) {
    return {"latched errors (AER) not read: no extended configuration space"};
  }
  return {};
}

PciFunction read_function(pci_dev* dev, const LibpciAccess& access) {
  pci_fill_info(dev, kFields);
  PciFunction function{device_of(dev, access), dev->domain, dev->bus, dev->dev, dev->func, {}, {}};
  if (function.device.answers) function.port = port_of(dev);
  function.troubles = troubles_of(dev, function);
  return function;
}

void read_devices(const LibpciAccess& access, Inventory& inventory,
                  const std::filesystem::path& names) {
  std::vector<PciFunction> functions;
  for (pci_dev* dev = access.devices(); dev != nullptr; dev = dev->next) {
    functions.push_back(read_function(dev, access));
    if (!names.empty()) add_what_the_system_said(names, functions.back().device);
  }
  join_pci(std::move(functions), inventory);
  if (access.has_names()) return;
  inventory.notes.emplace_back("pci: no pci.ids: devices are named by number");
}

// A driver's module may have another name ("virtio-pci" is in virtio_pci); without a version file
// it is one of the kernel's own and has the kernel's version.
void read_driver_versions(const std::filesystem::path& root, Inventory& inventory) {
  for (const PciDevice& device : inventory.pci) {
    if (device.driver.empty()) continue;
    std::string module = named_by(root / "sys/bus/pci/drivers" / device.driver / "module");
    if (module.empty()) {
      module = device.driver;
      std::replace(module.begin(), module.end(), '-', '_');
    }
    const auto version = read_file(root / "sys/module" / module / "version", 4096);
    inventory.drivers[module] = version ? version->substr(0, version->find('\n')) : "";
  }
}

Expected<void> check_dump_file(const std::filesystem::path& dump) {
  const auto text = read_file(dump, kDumpLimitBytes);
  if (!text) return tl::unexpected(text.error());
  return check_pci_dump(*text, dump.string());
}

Expected<void> read_text(const std::filesystem::path& file, Inventory& inventory) {
  const auto text = read_file(file, kDumpLimitBytes);
  if (!text) return tl::unexpected(text.error());
  auto functions = parse_lspci(*text, file.string());
  if (!functions) return tl::unexpected(functions.error());
  inventory.notes.push_back("pci: read from " + file.string());
  join_pci(*std::move(functions), inventory);
  return {};
}

// A dump's own folder of devices, where a capture has one beside it.
Expected<void> read_dump(const InventorySources& sources, const std::filesystem::path& devices,
                         Inventory& inventory, std::vector<std::string>& warnings) {
  if (auto checked = check_dump_file(sources.pci_dump); !checked) return checked;
  if (devices.empty()) {
    inventory.notes.push_back("pci: read from " + sources.pci_dump.string() +
                              ", which has no drivers and NUMA nodes");
  }
  try {
    const LibpciAccess access({}, sources.pci_dump, warnings);
    read_devices(access, inventory, devices);
  } catch (const LibpciError& problem) {
    return tl::unexpected(Error{problem.what(), sources.pci_dump.string()});
  }
  return {};
}

void read_live(const std::filesystem::path& sysfs, Inventory& inventory,
               std::vector<std::string>& warnings) {
  try {
    const LibpciAccess access(sysfs, {}, warnings);
    read_devices(access, inventory, {});
  } catch (const LibpciError& problem) {
    inventory.notes.push_back(fmt::format("pci: libpci gave up: {}", problem.what()));
  }
}

bool is_folder(const std::filesystem::path& path) {
  std::error_code code;
  return std::filesystem::is_directory(path, code);
}

}  // namespace

Expected<void> read_pci(const InventorySources& sources, Inventory& inventory) {
  if (!sources.lspci_text.empty()) return read_text(sources.lspci_text, inventory);
  const auto sysfs = sources.root / "sys/bus/pci";
  const bool has_sysfs = !sources.root.empty() && is_folder(sysfs / "devices");
  std::vector<std::string> warnings;
  if (!sources.pci_dump.empty()) {
    // The live machine's drivers say nothing about the machine that a dump shows.
    const bool beside = has_sysfs && sources.root != "/";
    auto done = read_dump(sources, beside ? sysfs / "devices" : "", inventory, warnings);
    if (!done) return done;
    if (beside) read_driver_versions(sources.root, inventory);
  } else if (has_sysfs) {
    read_live(sysfs, inventory, warnings);
    read_driver_versions(sources.root, inventory);
  } else if (inventory.pci.empty()) {
    inventory.notes.push_back(
        sources.root.empty() ? "pci: nothing shows it"
                             : fmt::format("pci: {} is not there", (sysfs / "devices").string()));
  }
  for (const std::string& warning : warnings) inventory.notes.push_back("pci: libpci: " + warning);
  return {};
}

}  // namespace rackproof
