// SPDX-License-Identifier: Apache-2.0
// Names, serial numbers and versions: DMI, the processors' microcode, kernel and operating system.
#pragma once

#include <filesystem>

#include "hardware/inventory.h"

namespace rackproof {

/// Adds hostname, kernel, architecture, os, boot_id, dmi and notes from the files below `root`;
/// kernel and architecture of "/" come from uname(2).
void read_firmware(const std::filesystem::path& root, Inventory& inventory);

/// Adds microcode, and model and vendor where hwloc gave none, to the packages, from
/// `root`/proc/cpuinfo.
void read_cpuinfo(const std::filesystem::path& root, Inventory& inventory);

/// Compares the NUMA nodes' memory with MemTotal of `root`/proc/meminfo; takes the larger, so that
/// a share of it is never flattered, and notes when they are more than 1 % apart.
void read_memory_total(const std::filesystem::path& root, Inventory& inventory);

}  // namespace rackproof
