// SPDX-License-Identifier: Apache-2.0
#include "hardware/lspci_heading.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "hardware/utf8_line.h"

namespace rackproof {
namespace {

// Takes one hex number of at most `digits` digits and the character after it.
std::optional<int> take_hex(std::string_view& text, std::size_t digits, char then) {
  int value = 0;
  const char* last = text.data() + std::min(text.size(), digits);
  const auto read = std::from_chars(text.data(), last, value, 16);
  const auto length = static_cast<std::size_t>(read.ptr - text.data());
  if (read.ec != std::errc{} || length >= text.size() || text[length] != then) return {};
  text.remove_prefix(length + 1);
  return value;
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](unsigned char c) { return std::isxdigit(c) != 0 && !std::isupper(c); });
}

// "10de:2330" of a text that begins so.
bool starts_with_ids(std::string_view text) {
  return text.size() >= 9 && text[4] == ':' && is_hex(text.substr(0, 4)) &&
         is_hex(text.substr(5, 4));
}

// Takes "[10de:2330]" or "[0302]" out of the text's end; the names themselves have brackets too.
std::string take_bracket(std::string& text, std::size_t length) {
  const auto open = text.rfind('[');
  if (open == std::string::npos || text.size() < open + length + 2) return {};
  const std::string inside = text.substr(open + 1, length);
  const bool good =
      text[open + 1 + length] == ']' && (length == 9 ? starts_with_ids(inside) : is_hex(inside));
  if (!good) return {};
  text.erase(open);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return inside;
}

void cut_from(std::string& text, std::string_view mark) {
  text.erase(std::min(text.size(), text.find(mark)));
}

struct ClassName {
  std::string_view name, id;
};
// The ones that matter here, for texts without -nn. Source: the PCI ID repository, class C.
constexpr std::array kClasses{
    ClassName{"Host bridge", "0600"},
    ClassName{"ISA bridge", "0601"},
    ClassName{"PCI bridge", "0604"},
    ClassName{"Bridge", "0680"},
    ClassName{"VGA compatible controller", "0300"},
    ClassName{"3D controller", "0302"},
    ClassName{"Display controller", "0380"},
    ClassName{"Processing accelerators", "1200"},
    ClassName{"Ethernet controller", "0200"},
    ClassName{"Infiniband controller", "0207"},
    ClassName{"Network controller", "0280"},
    ClassName{"Non-Volatile memory controller", "0108"},
};

std::string id_of_class(std::string_view name) {
  const auto* found = std::ranges::find(kClasses, name, &ClassName::name);
  return found == kClasses.end() ? "" : std::string(found->id);
}

void name_class(std::string text, PciDevice& device) {
  device.class_id = take_bracket(text, 4);
  if (device.class_id.empty() && text.size() == 4 && is_hex(text)) {  // lspci -n
    device.class_id = text;
  } else {
    device.class_name = utf8_line(text);
  }
  if (device.class_id.empty()) device.class_id = id_of_class(text);
}

void name_device(std::string text, PciDevice& device) {
  cut_from(text, " (prog-if ");
  cut_from(text, " (rev ");
  std::string ids = take_bracket(text, 9);
  if (ids.empty() && text.size() == 9 && starts_with_ids(text)) ids = text;  // lspci -n
  device.name = utf8_line(text);
  if (ids.empty()) return;
  device.vendor_id = ids.substr(0, 4);
  device.device_id = ids.substr(5);
}

}  // namespace

std::optional<LspciAddress> lspci_address(std::string_view line) {
  LspciAddress address;
  const auto first_colon = line.find(':');
  // A domain has four digits, or more behind Intel's volume management device.
  if (first_colon != std::string_view::npos && first_colon >= 4) {
    const auto domain = take_hex(line, 7, ':');
    if (!domain) return {};
    address.domain = *domain;
  }
  const auto bus = take_hex(line, 2, ':'), slot = bus ? take_hex(line, 2, '.') : std::nullopt;
  const auto function = slot ? take_hex(line, 1, ' ') : std::nullopt;
  if (!function || *slot > 0x1f || *function > 7) return {};
  return LspciAddress{address.domain, *bus, *slot, *function, line};
}

std::optional<PciFunction> parse_lspci_heading(std::string_view line) {
  const auto address = lspci_address(line);
  if (!address) return {};
  const auto colon = address->rest.find(": ");
  if (colon == std::string_view::npos) return {};
  PciFunction function;
  function.domain = address->domain;
  function.bus = address->bus;
  function.slot = address->slot;
  function.function = address->function;
  function.device.bdf = bdf_text(address->domain, address->bus, address->slot, address->function);
  name_class(std::string(address->rest.substr(0, colon)), function.device);
  name_device(std::string(address->rest.substr(colon + 2)), function.device);
  return function;
}

}  // namespace rackproof
