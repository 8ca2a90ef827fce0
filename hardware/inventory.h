// SPDX-License-Identifier: Apache-2.0
// What is in the box: one node's packages, memory, PCI and OS devices, firmware and kernel.
// Reads a live machine, or files that stand for one (an hwloc XML, a PCI config dump, a root
// folder).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace rackproof {

struct CpuPackage {
  std::string model, vendor, microcode;
  std::uint32_t cores = 0, pus = 0;
};
struct NumaNode {
  int index = 0;
  std::uint64_t memory_bytes = 0;
  std::uint32_t cores = 0, pus = 0;
};
struct Cache {
  int level = 0;
  std::string kind;  ///< "data", "instruction", "unified"
  std::uint64_t size_bytes = 0;
  std::uint32_t count = 0;
};

/// A PCIe link's capability against its state, at its lower end; 0: unknown or no link. A bridge's
/// link is the one above it.
struct PciLink {
  double speed_gts = 0, max_speed_gts = 0;  ///< GT/s; max: what both ends can do
  int width = 0, max_width = 0;
  double device_speed_gts = 0;  ///< what the device alone could do
  int device_width = 0;
  [[nodiscard]] bool downtrained() const { return speed_gts < max_speed_gts || width < max_width; }
};
/// The lower side of a bridge: what may sit below it. -1: not told.
struct PciBridge {
  int secondary = -1, subordinate = -1;  ///< the first and the last bus below; -1: no bridge
  bool is_port = false;                  ///< the upper end of a PCIe link
  int slot = -1;                         ///< the number printed on the chassis; -1: no slot
  int occupied = -1;                     ///< 1: the slot senses a card, 0: none
  int link_up = -1;                      ///< 1: the data link layer is active, 0: it is not
  double max_speed_gts = 0;              ///< what the port itself can do, in GT/s
  int max_width = 0;
};
struct PciDevice {
  std::string bdf;                   ///< "0000:1b:00.0"
  std::string vendor_id, device_id;  ///< "10de", "2335"
  std::string class_id;              ///< "0302"
  std::string name, class_name, driver;
  std::string parent;  ///< BDF of the bridge above, empty at the root
  int numa_node = -1;
  PciLink link;
  bool has_aer = false;
  std::uint32_t aer_corrected = 0,
                aer_uncorrected = 0;  ///< latched status bits, when AER could be read
  PciBridge bridge;
  std::string serial;   ///< of the device serial number capability: "5c-25-73-ff-ff-aa-bb-cc"
  bool answers = true;  ///< false: its configuration space reads all ones
};
struct OsDevice {
  std::string name, kind;  ///< "eth0", "network"; "nvme0n1", "block"
  std::string bdf;
  std::map<std::string, std::string> details;
};

struct Notice;  // hardware/attention.h

struct Inventory {
  std::string hostname, kernel, architecture, os, boot_id;
  std::map<std::string, std::string> dmi;  ///< "product_name", "product_serial", "board_serial",
                                           ///< "bios_version", ...; absent: not readable
  std::map<std::string, std::string> drivers;  ///< kernel module -> version, for the devices found
  std::vector<CpuPackage> packages;
  std::vector<NumaNode> numa_nodes;
  std::vector<Cache> caches;
  std::vector<PciDevice> pci;
  std::vector<OsDevice> os_devices;
  std::uint64_t memory_bytes = 0;
  std::vector<std::string> notes;  ///< what could not be read, and why: silence is not health
};

/// Where to read; the defaults are the live machine.
struct InventorySources {
  std::filesystem::path root = "/";       ///< /sys, /proc and /etc are looked up below it; empty:
                                          ///< there is none, and nothing of this machine is read
  std::filesystem::path hwloc_xml = {};   ///< instead of the live topology
  std::filesystem::path pci_dump = {};    ///< `lspci -xxxx` text instead of /sys/bus/pci
  std::filesystem::path lspci_text = {};  ///< `lspci -vvv` text instead of /sys/bus/pci
};

/// Wrong input files are an Error; what a live machine does not offer is a note.
[[nodiscard]] Expected<Inventory> read_inventory(const InventorySources& sources = {});

[[nodiscard]] Json to_json(const Inventory& inventory);
[[nodiscard]] Expected<Inventory> inventory_from_json(const Json& json);

/// A page of text for people, with what attention() finds and `events` (kernel_findings) in it.
[[nodiscard]] std::string describe(const Inventory& inventory, const std::vector<Notice>& events);
[[nodiscard]] std::string describe(const Inventory& inventory);

}  // namespace rackproof
