// SPDX-License-Identifier: Apache-2.0
#include "hardware/lspci_text.h"

extern "C" {
#include <pci/header.h>
}
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "hardware/lspci_heading.h"
#include "hardware/utf8_line.h"

namespace rackproof {
namespace {

// One device's lines by the word before their first colon: "LnkSta", "Kernel driver in use".
using Fields = std::map<std::string, std::string, std::less<>>;

struct BitWord {
  std::string_view word;
  unsigned bit;
};
// lspci's words for the bits of the AER status registers. Source: lspci(8) of pciutils 3.3 to 3.13;
// PCI Express Base Specification, section 7.8.4.
constexpr BitWord kUncorrected[] = {{"DLP", 4},
                                    {"SDES", 5},
                                    {"TLP", 12},
                                    {"FCP", 13},
                                    {"CmpltTO", 14},
                                    {"CmpltAbrt", 15},
                                    {"UnxCmplt", 16},
                                    {"RxOF", 17},
                                    {"MalfTLP", 18},
                                    {"ECRC", 19},
                                    {"UnsupReq", 20},
                                    {"ACSViol", 21},
                                    {"UncorrIntErr", 22},
                                    {"BlockedTLP", 23},
                                    {"AtomicOpBlocked", 24},
                                    {"TLPBlockedErr", 25},
                                    {"PoisonTLPBlocked", 26}};
constexpr BitWord kCorrected[] = {{"RxErr", 0},        {"BadTLP", 6},      {"BadDLLP", 7},
                                  {"Rollover", 8},     {"Timeout", 12},    {"AdvNonFatalErr", 13},
                                  {"NonFatalErr", 13}, {"CorrIntErr", 14}, {"HeaderOF", 15}};

struct TypeName {
  std::string_view name;
  unsigned type;
};
constexpr TypeName kTypes[] = {{"Endpoint", PCI_EXP_TYPE_ENDPOINT},
                               {"Legacy Endpoint", PCI_EXP_TYPE_LEG_END},
                               {"Root Port", PCI_EXP_TYPE_ROOT_PORT},
                               {"Upstream Port", PCI_EXP_TYPE_UPSTREAM},
                               {"Downstream Port", PCI_EXP_TYPE_DOWNSTREAM},
                               {"PCI-Express to PCI/PCI-X Bridge", PCI_EXP_TYPE_PCI_BRIDGE},
                               {"PCI/PCI-X to PCI-Express Bridge", PCI_EXP_TYPE_PCIE_BRIDGE},
                               {"Root Complex Integrated Endpoint", PCI_EXP_TYPE_ROOT_INT_EP},
                               {"Root Complex Event Collector", PCI_EXP_TYPE_ROOT_EC}};

std::string_view field(const Fields& fields, std::string_view key) {
  const auto found = fields.find(key);
  return found == fields.end() ? std::string_view{} : std::string_view(found->second);
}

// "DLActive+" among the words of `text`.
bool is_set(std::string_view text, std::string_view word) {
  const std::string wanted = std::string(word) + '+';
  for (auto at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) {
    if (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t') return true;
  }
  return false;
}

std::uint32_t bits(std::string_view text, std::span<const BitWord> words) {
  std::uint32_t status = 0;
  for (const BitWord& w : words) status |= is_set(text, w.word) ? 1u << w.bit : 0;
  return status;
}

// The number after `before`: "Width x" of "Width x16 (ok)" gives 16; none: not there.
std::optional<double> number_after(std::string_view text, std::string_view before) {
  const auto at = text.find(before);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + before.size());
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || !std::isfinite(value) || value < 0 || value > 1e6) return {};
  return value;
}

unsigned speed_code(std::string_view text) {
  const double gts = number_after(text, "Speed ").value_or(0);
  for (unsigned code = 1; code < 7; ++code) {
    if (gts_of_code(code) == gts) return code;
  }
  return 0;
}

unsigned speed_and_width(std::string_view text) {
  const auto width = static_cast<unsigned>(number_after(text, "Width x").value_or(0));
  return speed_code(text) | (width & 0x3f) << 4;
}

// "[60] Express (v2) Root Port (Slot+), MSI 00" gives the type and the slot's bit.
std::optional<std::uint16_t> express_flags(std::string_view capability) {
  const auto at = capability.find("] Express ");
  if (at == std::string_view::npos) return {};
  std::string_view rest = capability.substr(at + 10);
  if (rest.starts_with('(')) rest.remove_prefix(std::min(rest.size(), rest.find(") ") + 2));
  rest = rest.substr(0, rest.find(','));
  const unsigned slot = rest.find("(Slot+)") != std::string_view::npos ? PCI_EXP_FLAGS_SLOT : 0;
  rest = rest.substr(0, rest.find(" (Slot"));
  for (const TypeName& type : kTypes) {
    if (rest == type.name) return static_cast<std::uint16_t>(type.type << 4 | slot);
  }
  return static_cast<std::uint16_t>(0xf << 4);
}

// The registers as they must have been, so that dumps and texts are judged by the same code.
PciPort port_of(std::uint16_t flags, const Fields& fields) {
  PciPort port{.flags = flags};
  const std::string_view capability = field(fields, "LnkCap"), status = field(fields, "LnkSta");
  port.capability = speed_and_width(capability);
  if (is_set(capability, "LLActRep")) port.capability |= PCI_EXP_LNKCAP_DLLA;
  port.status = static_cast<std::uint16_t>(speed_and_width(status));
  if (is_set(status, "DLActive")) port.status |= PCI_EXP_LNKSTA_DL_ACT;
  const double slot = number_after(field(fields, "SltCap"), "Slot #").value_or(0);
  port.slot_capability = static_cast<std::uint32_t>(std::min(slot, 8191.0)) << 19;
  if (is_set(field(fields, "SltSta"), "PresDet")) port.slot_status = PCI_EXP_SLTSTA_PRES;
  return port;
}

int bus_after(std::string_view text, std::string_view before) {
  const auto at = text.find(before);
  int bus = -1;
  if (at == std::string_view::npos) return bus;
  text = text.substr(at + before.size(), 2);
  std::from_chars(text.data(), text.data() + text.size(), bus, 16);
  return bus;
}

void read_system(const Fields& fields, PciDevice& device) {
  device.driver = utf8_line(field(fields, "Kernel driver in use"));
  const std::string_view node = field(fields, "NUMA node");
  std::from_chars(node.data(), node.data() + node.size(), device.numa_node);
  device.bridge.secondary = bus_after(field(fields, "Bus"), "secondary=");
  device.bridge.subordinate = bus_after(field(fields, "Bus"), "subordinate=");
}

void read_aer(const Fields& fields, PciFunction& function) {
  PciDevice& device = function.device;
  device.has_aer = fields.contains("UESta") && fields.contains("CESta");
  device.aer_uncorrected = bits(field(fields, "UESta"), kUncorrected);
  device.aer_corrected = bits(field(fields, "CESta"), kCorrected);
}

void note_troubles(const Fields& fields, PciFunction& function) {
  if (!function.device.answers) {
    function.troubles.emplace_back("does not answer: its configuration space reads all ones");
  } else if (field(fields, "Capabilities").find("<access denied>") != std::string_view::npos) {
    function.troubles.emplace_back(
        "link not read: capabilities hidden from lspci, which needs root");
  } else if (function.port && field(fields, "LnkSta").empty()) {
    function.troubles.emplace_back("link not read: no LnkSta, which lspci shows with -vv or more");
  }
}

// A device with all that its lines say.
void finish(const Fields& fields, PciFunction& function) {
  read_system(fields, function.device);
  read_aer(fields, function);
  const std::string_view express = field(fields, "Express");
  if (const auto flags = express_flags(express)) function.port = port_of(*flags, fields);
  constexpr std::string_view kSerial = "Device Serial Number ";
  const std::string_view serial = field(fields, kSerial);
  function.device.serial = utf8_line(serial);
  const bool unknown_header = fields.contains("!!! Unknown header type 7f");
  function.device.answers = !unknown_header && function.device.vendor_id != "ffff";
  note_troubles(fields, function);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// A field's name has letters, digits, spaces and '!'; "00 (Normal decode): x" is none.
std::string_view key_of(std::string_view line) {
  if (line.starts_with("!!! ")) return line;
  const std::string_view key = line.substr(0, std::min(line.size(), line.find(':')));
  const bool good = key.size() < line.size() && !key.empty() && key.size() < 40 &&
                    std::ranges::all_of(key, [](unsigned char c) {
                      return std::isalnum(c) != 0 || c == ' ' || c == '/' || c == '-';
                    });
  return good ? key : std::string_view{};
}

// Goes through the text line by line, with the device in hand.
class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  // Empty: the line is in order; otherwise what is wrong with it.
  std::string line(std::string_view text) {
    ++line_;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty()) return end_device();
    if (std::isspace(static_cast<unsigned char>(text.front())) != 0) return detail(trimmed(text));
    auto function = parse_lspci_heading(text);
    if (!function) {
      return "begins no device ('0000:1b:00.0 3D controller: ...') as `lspci -vvv -nn` writes it";
    }
    if (open_) return "a device begins before the empty line that ends the one above";
    if (!seen_.insert(function->device.bdf).second) return function->device.bdf + " is there twice";
    if (functions_.size() >= kMostPciFunctions) {
      return fmt::format("more than {} devices: no machine has so many", kMostPciFunctions);
    }
    functions_.push_back(*std::move(function));
    open_ = true;
    return "";
  }
  std::string end() {
    if (functions_.empty()) return "holds no PCI device";
    if (!open_) return "";
    return functions_.back().device.bdf +
           " is cut off: lspci ends each device with an empty line (add one if it was trimmed)";
  }
  [[nodiscard]] Error error(std::string message) const {
    return {std::move(message), file_, line_};
  }
  std::vector<PciFunction> take() { return std::move(functions_); }

 private:
  std::string detail(std::string_view text) {
    if (!open_) return "an indented line that belongs to no device";
    const std::string_view key = key_of(text);
    if (key.empty()) {
      if (last_ != nullptr) *last_ += ' ' + std::string(text);
      return "";
    }
    const std::string_view value =
        key.size() < text.size() ? trimmed(text.substr(key.size() + 1)) : std::string_view{};
    last_ = &fields_.try_emplace(std::string(key), value).first->second;
    if (key == "Capabilities") capability(value);
    return "";
  }
  // "Capabilities" comes many times: the ones that count get names of their own.
  void capability(std::string_view value) {
    constexpr std::string_view kSerial = "Device Serial Number ";
    const auto serial = value.find(kSerial);
    if (value.find("] Express ") != std::string_view::npos) fields_["Express"] = value;
    if (serial != std::string_view::npos)
      fields_[std::string(kSerial)] = value.substr(serial + kSerial.size());
    last_ = nullptr;
  }
  std::string end_device() {
    if (!open_) return "";
    if (fields_.empty()) {
      return functions_.back().device.bdf +
             " has no details: `lspci -vvv -nn`, as root, writes them";
    }
    finish(fields_, functions_.back());
    fields_.clear();
    last_ = nullptr;
    open_ = false;
    return "";
  }

  const std::string& file_;
  int line_ = 0;
  bool open_ = false;
  Fields fields_;
  std::string* last_ = nullptr;
  std::set<std::string> seen_;
  std::vector<PciFunction> functions_;
};

}  // namespace

Expected<std::vector<PciFunction>> parse_lspci(std::string_view text, const std::string& file) {
  Reader reader(file);
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string problem = reader.line(text.substr(0, end));
    if (problem.empty() && end == std::string_view::npos) problem = "the last line is cut off";
    if (!problem.empty()) return tl::unexpected(reader.error(std::move(problem)));
    text.remove_prefix(end + 1);
  }
  std::string problem = reader.end();
  if (!problem.empty()) return tl::unexpected(reader.error(std::move(problem)));
  return reader.take();
}

}  // namespace rackproof
