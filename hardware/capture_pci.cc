// SPDX-License-Identifier: Apache-2.0
#include "hardware/capture_pci.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <vector>

#include "hardware/capture_anonymous.h"
#include "hardware/libpci_access.h"
#include "hardware/pci_tree.h"
#include "hardware/utf8_line.h"

namespace rackproof {
namespace {

constexpr std::size_t kRow = 16, kHeader = 64, kLongestName = 160;

std::vector<std::uint8_t> config_of(pci_dev* dev) {
  std::vector<std::uint8_t> bytes(4096);
  for (const int size : {4096, 256, 64}) {
    bytes.resize(static_cast<std::size_t>(size));
    if (pci_read_block(dev, 0, bytes.data(), size) != 0) return bytes;
  }
  return {};
}

void hide_serial(pci_dev* dev, std::vector<std::uint8_t>& bytes) {
  pci_fill_info(dev, PCI_FILL_CAPS | PCI_FILL_EXT_CAPS);
  const pci_cap* cap = pci_find_cap(dev, PCI_EXT_CAP_ID_DSN, PCI_CAP_EXTENDED);
  if (cap != nullptr && cap->addr + 12 <= bytes.size()) hash_serial(&bytes[cap->addr + 4]);
}

std::string rows(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  for (std::size_t row = 0; row < bytes.size(); row += kRow) {
    text += fmt::format("{:02x}:", row);
    for (std::size_t i = row; i < row + kRow; ++i) text += fmt::format(" {:02x}", bytes[i]);
    text += '\n';
  }
  return text + '\n';
}

std::string heading(pci_dev* dev, const LibpciAccess& access) {
  const std::string name =
      utf8_line(access.class_name(*dev)) + ": " + utf8_line(access.device_name(*dev));
  return bdf_text(dev->domain, dev->bus, dev->dev, dev->func) + ' ' +
         utf8_line(name.substr(0, kLongestName)) + '\n';
}

struct Counts {
  std::size_t all = 0, header_only = 0, unread = 0;
};

std::string dump(const LibpciAccess& access, bool anonymous, Counts& counts) {
  std::string text;
  for (pci_dev* dev = access.devices(); dev != nullptr; dev = dev->next) {
    pci_fill_info(dev, PCI_FILL_IDENT | PCI_FILL_CLASS);
    std::vector<std::uint8_t> bytes = config_of(dev);
    ++counts.all;
    counts.unread += bytes.empty() ? 1 : 0;
    counts.header_only += bytes.size() == kHeader ? 1 : 0;
    if (bytes.empty()) continue;
    if (anonymous) hide_serial(dev, bytes);
    text += heading(dev, access) + rows(bytes);
  }
  return text;
}

void tell(const Counts& counts, std::vector<CaptureManifest::Gap>& missing) {
  if (counts.header_only > 0) {
    missing.push_back({"pci.txt", fmt::format("only the first 64 bytes of {} of {} functions: "
                                              "links and errors need root",
                                              counts.header_only, counts.all)});
  }
  if (counts.unread > 0) {
    missing.push_back({"pci.txt", fmt::format("{} of {} functions do not answer a read",
                                              counts.unread, counts.all)});
  }
}

}  // namespace

Expected<std::string> pci_text(const std::filesystem::path& root, bool anonymous,
                               std::vector<CaptureManifest::Gap>& missing) {
  const auto sysfs = root / "sys/bus/pci";
  std::error_code code;
  if (!std::filesystem::is_directory(sysfs / "devices", code)) {
    missing.push_back({"pci.txt", (sysfs / "devices").string() + " is not there"});
    return "";
  }
  std::vector<std::string> warnings;
  try {
    const LibpciAccess access(sysfs, {}, warnings);
    Counts counts;
    std::string text = dump(access, anonymous, counts);
    tell(counts, missing);
    if (counts.all == 0) missing.push_back({"pci.txt", "no PCI device is shown"});
    return text;
  } catch (const LibpciError& problem) {
    missing.push_back({"pci.txt", problem.what()});
    return "";
  }
}

}  // namespace rackproof
