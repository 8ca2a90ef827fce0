// SPDX-License-Identifier: Apache-2.0
// For tests: a small machine below a root folder, captured into another one.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "core/folder_for_test.h"
#include "hardware/capture.h"

namespace rackproof {

class CapturedMachine {
 public:
  CapturedMachine() {
    machine_.file("proc/sys/kernel/hostname", "node7\n");
    machine_.file("proc/sys/kernel/osrelease", "6.1.0-30-amd64\n");
    machine_.file("proc/sys/kernel/arch", "x86_64\n");
    machine_.file("sys/class/dmi/id/product_serial", "ABC123\n");
    machine_.file("sys/devices/pci/hwmon/hwmon0/temp1_input", "42000\n");
    machine_.file("sys/devices/pci/hwmon/hwmon0/name", "coretemp\n");
    machine_.link("sys/class/hwmon/hwmon0", "../../devices/pci/hwmon/hwmon0");
    const std::string pci = "sys/bus/pci/devices/0000:01:00.0/";
    machine_.file(pci + "vendor", "0x10de\n");
    machine_.file(pci + "device", "0x2335\n");
    machine_.file(pci + "class", "0x030200\n");
    machine_.file(pci + "irq", "11\n");
    machine_.file(pci + "resource", "0x0 0x0 0x0\n");
    machine_.file(pci + "numa_node", "1\n");
    machine_.file(pci + "config", std::string("\xde\x10\x35\x23", 4) + std::string(6, '\0') +
                                      "\x02\x03" + std::string(52, '\0'));
    machine_.link(pci + "driver", "../../../../bus/pci/drivers/nvidia");
    machine_.link("sys/bus/pci/drivers/nvidia/module", "../../../../module/nvidia_open");
    machine_.file("sys/module/nvidia_open/version", "550.54.15\n");
  }

  [[nodiscard]] const TestFolder& machine() const { return machine_; }
  [[nodiscard]] std::filesystem::path folder() const { return kept_.path() / "capture"; }

  Expected<CaptureManifest> write(bool anonymous = false) const {
    CaptureOptions options;
    options.root = machine_.path();
    options.kmsg = machine_.path() / "dev/kmsg";
    options.tool = "rackproof test";
    options.anonymous = anonymous;
    return write_capture(folder(), options);
  }
  [[nodiscard]] std::string read(const std::string& path) const {
    std::ostringstream text;
    text << std::ifstream(folder() / path, std::ios::binary).rdbuf();
    return text.str();
  }
  void change(const std::string& path, const std::string& bytes) const {
    kept_.file("capture/" + path, bytes);
  }
  /// What open_capture says of it; empty: it opens.
  [[nodiscard]] std::string problem() const {
    const auto capture = open_capture(folder());
    return capture ? "" : capture.error().text();
  }

 private:
  TestFolder machine_, kept_;
};

}  // namespace rackproof
