// SPDX-License-Identifier: Apache-2.0
#include "hardware/pci.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <system_error>
#include <tuple>

#include "core/json.h"
#include "hardware/libpci_access.h"
#include "hardware/pci_dump.h"
#include "hardware/pci_link.h"

namespace rackproof {
namespace {

constexpr int kFields = PCI_FILL_IDENT | PCI_FILL_CLASS | PCI_FILL_CAPS | PCI_FILL_EXT_CAPS |
                        PCI_FILL_NUMA_NODE | PCI_FILL_DRIVER;
constexpr int kHeaderBytes = 0x40;  // what everybody may read
constexpr int kExtendedSpace = 0x100;
constexpr std::uint64_t kDumpLimitBytes = 256u << 20;

// A device as scanned, with what its neighbours need to know of it.
struct Scanned {
  pci_dev* dev = nullptr;
  std::string bdf;
  int secondary = -1, subordinate = -1;  // bridges: the buses below
  std::optional<PciPort> port;           // PCI Express only
  const Scanned* parent = nullptr;
};

bool readable(pci_dev* dev, int position) {
  std::uint8_t byte = 0;
  return pci_read_block(dev, position, &byte, 1) != 0;
}

std::optional<PciPort> port_of(pci_dev* dev) {
  const pci_cap* cap = pci_find_cap(dev, PCI_CAP_ID_EXP, PCI_CAP_NORMAL);
  if (cap == nullptr) return {};
  const int at = static_cast<int>(cap->addr);
  return PciPort{pci_read_word(dev, at + PCI_EXP_FLAGS), pci_read_long(dev, at + PCI_EXP_LNKCAP),
                 pci_read_word(dev, at + PCI_EXP_LNKSTA)};
}

Scanned scan(pci_dev* dev) {
  pci_fill_info(dev, kFields);
  Scanned scanned{dev, fmt::format("{:04x}:{:02x}:{:02x}.{:x}", static_cast<unsigned>(dev->domain),
                                   dev->bus, dev->dev, dev->func)};
  const int header = pci_read_byte(dev, PCI_HEADER_TYPE) & 0x7f;
  if (header == PCI_HEADER_TYPE_BRIDGE || header == PCI_HEADER_TYPE_CARDBUS) {
    scanned.secondary = pci_read_byte(dev, PCI_SECONDARY_BUS);
    scanned.subordinate = pci_read_byte(dev, PCI_SUBORDINATE_BUS);
  }
  scanned.port = port_of(dev);
  return scanned;
}

std::vector<Scanned> scan_all(const LibpciAccess& access) {
  std::vector<Scanned> all;
  for (pci_dev* dev = access.devices(); dev != nullptr; dev = dev->next) all.push_back(scan(dev));
  std::sort(all.begin(), all.end(), [](const Scanned& a, const Scanned& b) {
    return std::tuple(a.dev->domain, a.dev->bus, a.dev->dev, a.dev->func) <
           std::tuple(b.dev->domain, b.dev->bus, b.dev->dev, b.dev->func);
  });
  return all;
}

// The nearest bridge whose range of buses holds the device's. Virtual functions may sit on a bus of
// their own within the range, so the secondary bus alone does not tell.
const Scanned* bridge_above(const Scanned& device, const std::vector<Scanned>& all) {
  const Scanned* nearest = nullptr;
  for (const Scanned& bridge : all) {
    const bool holds = bridge.dev->domain == device.dev->domain &&
                       bridge.secondary > bridge.dev->bus && bridge.secondary <= device.dev->bus &&
                       device.dev->bus <= bridge.subordinate;
    if (holds && (nearest == nullptr || bridge.secondary > nearest->secondary)) nearest = &bridge;
  }
  return nearest;
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

std::string driver_of(pci_dev* dev) {
  const char* driver = pci_get_string_property(dev, PCI_FILL_DRIVER);
  return driver == nullptr ? "" : driver;
}

PciDevice device_of(const Scanned& from, const LibpciAccess& access) {
  PciDevice device{.bdf = from.bdf,
                   .vendor_id = fmt::format("{:04x}", from.dev->vendor_id),
                   .device_id = fmt::format("{:04x}", from.dev->device_id),
                   .class_id = fmt::format("{:04x}", from.dev->device_class),
                   .name = access.device_name(*from.dev),
                   .class_name = access.class_name(*from.dev),
                   .driver = driver_of(from.dev),
                   .numa_node = from.dev->numa_node};
  if (from.parent != nullptr) device.parent = from.parent->bdf;
  if (from.port) {
    const bool known = from.parent != nullptr && from.parent->port;
    device.link = link_between(*from.port, known ? &*from.parent->port : nullptr);
  }
  read_aer(from.dev, device);
  return device;
}

// The identifiers alone do not tell: a virtual function's read as all ones by the specification.
bool answers(pci_dev* dev) {
  return pci_read_long(dev, PCI_VENDOR_ID) != 0xffffffff ||
         pci_read_long(dev, PCI_CLASS_REVISION) != 0xffffffff;
}

// Groups devices with the same trouble into one note each.
class Troubles {
 public:
  void look_at(const Scanned& from, const PciDevice& device) {
    if (!answers(from.dev)) {
      add("does not answer: its configuration space reads all ones", from);
      return;
    }
    const bool has_capabilities = (pci_read_word(from.dev, PCI_STATUS) & PCI_STATUS_CAP_LIST) != 0;
    if (has_capabilities && !readable(from.dev, kHeaderBytes)) {
      add("link not read: configuration space beyond 64 bytes needs root", from);
    } else if (from.port && !readable(from.dev, kExtendedSpace)) {
      add("latched errors (AER) not read: no extended configuration space", from);
    }
    if (cannot_be_judged(device.link)) {
      add("link below what the device can do, and the port above is not visible", from);
    }
  }
  void add(const std::string& trouble, const Scanned& from) {
    by_text_[trouble].push_back(from.bdf);
  }

  void move_to(std::vector<std::string>& notes) const {
    for (const auto& [trouble, bdfs] : by_text_) {
      notes.push_back(fmt::format("pci: {}: {}", trouble, fmt::join(bdfs, " ")));
    }
  }

 private:
  std::map<std::string, std::vector<std::string>> by_text_;
};

bool has_child(const Scanned& bridge, const std::vector<Scanned>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Scanned& s) { return s.parent == &bridge; });
}

void read_devices(const LibpciAccess& access, Inventory& inventory) {
  std::vector<Scanned> all = scan_all(access);
  for (Scanned& device : all) device.parent = bridge_above(device, all);
  Troubles troubles;
  for (const Scanned& from : all) {
    inventory.pci.push_back(device_of(from, access));
    troubles.look_at(from, inventory.pci.back());
    const bool connected = from.port && from.port->is_upper_end() && from.port->partner_connected();
    if (!connected || has_child(from, all)) continue;
    troubles.add("link is up, but nothing answers below", from);
  }
  troubles.move_to(inventory.notes);
  if (access.has_names()) return;
  inventory.notes.emplace_back("pci: no pci.ids: devices are named by number");
}

// A driver's module may have another name ("virtio-pci" is in virtio_pci); without a version file
// it is one of the kernel's own and has the kernel's version.
void read_driver_versions(const std::filesystem::path& root, Inventory& inventory) {
  for (const PciDevice& device : inventory.pci) {
    if (device.driver.empty()) continue;
    std::error_code code;
    const auto link = root / "sys/bus/pci/drivers" / device.driver / "module";
    std::string module = std::filesystem::read_symlink(link, code).filename();
    if (code) {
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

}  // namespace

Expected<void> read_pci(const InventorySources& sources, Inventory& inventory) {
  const auto sysfs = sources.root / "sys/bus/pci";
  const bool from_dump = !sources.pci_dump.empty();
  if (from_dump) {
    if (auto checked = check_dump_file(sources.pci_dump); !checked) return checked;
    inventory.notes.push_back("pci: read from " + sources.pci_dump.string() +
                              ", which has no drivers and NUMA nodes");
  } else if (std::error_code code; !std::filesystem::is_directory(sysfs / "devices", code)) {
    inventory.notes.push_back(fmt::format("pci: {} is not there", (sysfs / "devices").string()));
    return {};
  }
  std::vector<std::string> warnings;
  try {
    const LibpciAccess access(sysfs, sources.pci_dump, warnings);
    read_devices(access, inventory);
    if (!from_dump) read_driver_versions(sources.root, inventory);
  } catch (const LibpciError& problem) {
    if (from_dump) return tl::unexpected(Error{problem.what(), sources.pci_dump.string()});
    inventory.notes.push_back(fmt::format("pci: libpci gave up: {}", problem.what()));
  }
  for (const std::string& warning : warnings) inventory.notes.push_back("pci: libpci: " + warning);
  return {};
}

}  // namespace rackproof
