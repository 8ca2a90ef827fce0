// SPDX-License-Identifier: Apache-2.0
// For tests: a machine of 8 GPUs and 4 adapters below 4 identical switches, as `lspci -xxxx` and as
// `lspci -vvv -nn` show it.
#pragma once

#include <fmt/format.h>

#include <set>
#include <string>
#include <vector>

#include "hardware/pci_dump_for_test.h"

namespace rackproof {

/// What is wrong with the machine; nothing by default.
struct HgxFaults {
  std::set<std::string> absent;       ///< devices that are not there
  std::set<std::string> downtrained;  ///< devices at 16 GT/s x8 instead of 32 GT/s x16
  std::set<std::string> latched;      ///< devices with a bad TLP and a completion timeout
};

/// Switch k (0..3) has upstream port 0000:S0:00.0 with S = 1, 3, 5, 7; its ports 00.0 (adapter),
/// 01.0, 02.0 (GPUs) and 03.0 (never used) on bus S1, and the devices on S2, S3, S4.
class Hgx {
 public:
  explicit Hgx(HgxFaults faults = {}) : faults_(std::move(faults)) {}

  [[nodiscard]] std::string dump() const {
    std::string text;
    for (int k = 0; k < 4; ++k) {
      const int base = 0x10 + 0x20 * k;
      text += port(fmt::format("0000:00:{:02x}.0", k + 1), 0x8086, 0x352a, 4, 0, base, base + 8);
      text +=
          port(fmt::format("0000:{:02x}:00.0", base), 0x1000, 0xc030, 5, base, base + 1, base + 8);
      for (int i = 0; i < 4; ++i) {
        text += port(fmt::format("0000:{:02x}:{:02x}.0", base + 1, i), 0x1000, 0xc030, 6, base + 1,
                     base + 2 + i, base + 2 + i);
        if (i < 3) text += endpoint(fmt::format("0000:{:02x}:00.0", base + 2 + i), i == 0);
      }
    }
    return text;
  }

  [[nodiscard]] std::string verbose(bool numbers = true, bool domains = true) const {
    std::string text;
    for (int k = 0; k < 4; ++k) {
      const int base = 0x10 + 0x20 * k;
      text += port_text(fmt::format("0000:00:{:02x}.0", k + 1), "Intel Corporation Device 352a",
                        numbers ? " [8086:352a]" : "", "Root Port (Slot+)", 0, base, base + 8);
      text += port_text(fmt::format("0000:{:02x}:00.0", base), kSwitch,
                        numbers ? " [1000:c030]" : "", "Upstream Port", base, base + 1, base + 8);
      for (int i = 0; i < 4; ++i) {
        text += port_text(fmt::format("0000:{:02x}:{:02x}.0", base + 1, i), kSwitch,
                          numbers ? " [1000:c030]" : "", "Downstream Port (Slot+)", base + 1,
                          base + 2 + i, base + 2 + i);
        if (i < 3)
          text += endpoint_text(fmt::format("0000:{:02x}:00.0", base + 2 + i), i == 0, numbers);
      }
    }
    return domains ? text : without_domains(text);
  }

 private:
  static constexpr const char* kSwitch = "Broadcom / LSI PEX890xx PCIe Gen 5 Switch";

  [[nodiscard]] bool gone(const std::string& bdf) const { return faults_.absent.contains(bdf); }
  [[nodiscard]] bool slow(const std::string& bdf) const {
    return faults_.downtrained.contains(bdf);
  }

  static std::string port(const std::string& bdf, std::uint16_t vendor, std::uint16_t id, int type,
                          int primary, int secondary, int last) {
    return ConfigSpace(bdf, vendor, id, 0x0604)
        .bridge(static_cast<std::uint8_t>(primary), static_cast<std::uint8_t>(secondary),
                static_cast<std::uint8_t>(last))
        .express(type, 5, 16, 5, 16)
        .aer(0, 0)
        .text();
  }
  [[nodiscard]] std::string endpoint(const std::string& bdf, bool adapter) const {
    if (gone(bdf)) return "";
    ConfigSpace space(bdf, adapter ? 0x15b3 : 0x10de, adapter ? 0x1021 : 0x2335,
                      adapter ? 0x0207 : 0x0302);
    space.express(0, 5, 16, slow(bdf) ? 4 : 5, slow(bdf) ? 8 : 16);
    const bool latched = faults_.latched.contains(bdf);
    return space.aer(latched ? 0x40 : 0, latched ? 0x4000 : 0).text();
  }

  static std::string port_text(const std::string& bdf, const std::string& name,
                               const std::string& numbers, const std::string& type, int primary,
                               int secondary, int last) {
    return fmt::format(
        "{} PCI bridge{}: {}{} (rev b0) (prog-if 00 [Normal decode])\n"
        "\tControl: I/O+ Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr+ Stepping- SERR+\n"
        "\tNUMA node: 0\n"
        "\tBus: primary={:02x}, secondary={:02x}, subordinate={:02x}, sec-latency=0\n"
        "\tCapabilities: [68] Express (v2) {}, MSI 00\n"
        "\t\tDevCap:\tMaxPayload 512 bytes, PhantFunc 0\n"
        "\t\tLnkCap:\tPort #0, Speed 32GT/s, Width x16, ASPM not supported\n"
        "\t\t\tClockPM- Surprise+ LLActRep- BwNot+ ASPMOptComp+\n"
        "\t\tLnkSta:\tSpeed 32GT/s (ok), Width x16 (ok)\n"
        "\t\t\tTrErr- Train- SlotClk+ DLActive- BWMgmt+ ABWMgmt-\n"
        "\t\tSltCap:\tAttnBtn- PwrCtrl- MRL- AttnInd- PwrInd- HotPlug+ Surprise-\n"
        "\t\t\tSlot #{}, PowerLimit 75W; Interlock- NoCompl+\n"
        "\t\tSltSta:\tStatus: AttnBtn- PowerFlt- MRL- CmdCplt- PresDet- Interlock-\n"
        "\t\t\tChanged: MRL- PresDet+ LinkState+\n"
        "\tCapabilities: [100 v1] Device Serial Number 00-80-5e-10-3d-64-5c-10\n"
        "\tKernel driver in use: pcieport\n\n",
        bdf, numbers.empty() ? "" : " [0604]", name, numbers, primary, secondary, last, type,
        secondary);
  }
  [[nodiscard]] std::string endpoint_text(const std::string& bdf, bool adapter,
                                          bool numbers) const {
    if (gone(bdf)) return "";
    const bool latched = faults_.latched.contains(bdf);
    const std::string ids = adapter ? " [15b3:1021]" : " [10de:2335]";
    const std::string kind = adapter ? "Infiniband controller" : "3D controller";
    return fmt::format(
        "{} {}{}: {}{} (rev a1)\n"
        "\tSubsystem: NVIDIA Corporation Device [10de:18be]\n"
        "\tNUMA node: 1\n"
        "\tRegion 0: Memory at 2a042000000 (64-bit, prefetchable) [size=16M]\n"
        "\tCapabilities: [60] Express (v2) Endpoint, MSI 00\n"
        "\t\tLnkCap:\tPort #0, Speed 32GT/s, Width x16, ASPM not supported\n"
        "\t\tLnkSta:\tSpeed {}\n"
        "\t\t\tTrErr- Train- SlotClk+ DLActive- BWMgmt- ABWMgmt-\n"
        "\t\tLnkCap2: Supported Link Speeds: 2.5-32GT/s, Crosslink- Retimer+\n"
        "\tCapabilities: [100 v2] Advanced Error Reporting\n"
        "\t\tUESta:\tDLP- SDES- TLP- FCP- CmpltTO{} CmpltAbrt- UnxCmplt- RxOF- MalfTLP- ECRC-\n"
        "\t\tUEMsk:\tDLP- SDES- TLP- FCP- CmpltTO+ CmpltAbrt- UnxCmplt+ RxOF- MalfTLP- ECRC-\n"
        "\t\tCESta:\tRxErr- BadTLP{} BadDLLP- Rollover- Timeout- AdvNonFatalErr-\n"
        "\t\tCEMsk:\tRxErr- BadTLP- BadDLLP- Rollover- Timeout- AdvNonFatalErr+\n"
        "\tKernel driver in use: {}\n"
        "\tKernel modules: nvidiafb, nouveau, nvidia\n\n",
        bdf, kind, numbers ? (adapter ? " [0207]" : " [0302]") : "",
        adapter ? "Mellanox Technologies MT2910 Family [ConnectX-7]"
                : "NVIDIA Corporation GH100 [H200 SXM 141GB]",
        numbers ? ids : "",
        slow(bdf) ? "16GT/s (downgraded), Width x8 (downgraded)" : "32GT/s (ok), Width x16 (ok)",
        latched ? '+' : '-', latched ? '+' : '-', adapter ? "mlx5_core" : "nvidia");
  }
  static std::string without_domains(std::string text) {
    for (auto at = text.find("0000:"); at != std::string::npos; at = text.find("0000:", at)) {
      text.erase(at, at == 0 || text[at - 1] == '\n' ? 5 : 0);
      ++at;
    }
    return text;
  }

  HgxFaults faults_;
};

}  // namespace rackproof
