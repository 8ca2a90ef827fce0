// SPDX-License-Identifier: Apache-2.0
#include "hardware/memory_map.h"

#include <fmt/format.h>

#include <vector>

#include "core/json.h"
#include "hardware/utf8_line.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kLimitBytes = 1 << 20;  // real tables have some 10 KiB
constexpr std::uint8_t kMemoryDevice = 17, kArrayMap = 19, kDeviceMap = 20;

// One structure: its formatted area, then strings that fields name by their number from 1.
class Structure {
 public:
  Structure(std::string_view formatted, std::string_view strings)
      : formatted_(formatted), strings_(strings) {}

  [[nodiscard]] std::uint8_t type() const { return static_cast<std::uint8_t>(number(0, 1)); }
  [[nodiscard]] std::uint64_t handle() const { return number(2, 2); }
  [[nodiscard]] bool has(std::size_t offset, std::size_t bytes) const {
    return offset + bytes <= formatted_.size();
  }
  // Little-endian; 0 where an older table ends before it.
  [[nodiscard]] std::uint64_t number(std::size_t offset, std::size_t bytes) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; has(offset, bytes) && i < bytes; ++i)
      value |= std::uint64_t{static_cast<std::uint8_t>(formatted_[offset + i])} << 8 * i;
    return value;
  }
  [[nodiscard]] std::string text(std::size_t offset) const {
    std::string_view rest = strings_;
    for (std::uint64_t left = number(offset, 1); left > 0 && !rest.empty(); --left) {
      const std::string_view string = rest.substr(0, rest.find('\0'));
      if (left == 1) return utf8_line(string.substr(0, string.find_last_not_of(' ') + 1));
      rest.remove_prefix(std::min(string.size() + 1, rest.size()));
    }
    return {};
  }

 private:
  std::string_view formatted_, strings_;
};

std::vector<Structure> structures(std::string_view table) {
  constexpr std::size_t kHead = 4;
  constexpr std::string_view kEnd("\0\0", 2);
  std::vector<Structure> all;
  while (table.size() >= kHead) {
    const auto length = static_cast<std::uint8_t>(table[1]);
    if (length < kHead || length > table.size()) break;
    const std::size_t end = table.find(kEnd, length);
    if (end == std::string_view::npos) break;
    all.emplace_back(table.substr(0, length), table.substr(length, end - length));
    table.remove_prefix(end + kEnd.size());
  }
  return all;
}

// Addresses are kilobytes, the last one included, or, where the first field is all ones, bytes in
// fields of their own.
bool covers(const Structure& map, std::size_t extended, std::uint64_t address) {
  constexpr std::uint64_t kElsewhere = 0xffffffff;
  if (!map.has(4, 8)) return false;
  if (map.number(4, 4) == kElsewhere) {
    return map.has(extended, 16) && map.number(extended, 8) <= address &&
           address <= map.number(extended + 8, 8);
  }
  return map.number(4, 4) <= address / 1024 && address / 1024 <= map.number(8, 4);
}

// The only structure for which `holds`; null when there is none or more than one.
template <class Holds>
const Structure* only(const std::vector<Structure>& all, const Holds& holds) {
  const Structure* found = nullptr;
  for (const Structure& s : all) {
    if (!holds(s)) continue;
    if (found != nullptr) return nullptr;
    found = &s;
  }
  return found;
}

const Structure* by_handle(const std::vector<Structure>& all, std::uint8_t type,
                           std::uint64_t handle) {
  return only(all, [&](const Structure& s) { return s.type() == type && s.handle() == handle; });
}

// One device wide, so that no other one holds a part of each word.
bool one_wide(const Structure* array_map, std::uint64_t address) {
  return array_map != nullptr && covers(*array_map, 0x0f, address) &&
         array_map->number(0x0e, 1) == 1;
}

std::optional<std::string> name_of(const Structure* device) {
  if (device == nullptr) return std::nullopt;
  const std::string locator = device->text(0x10), bank = device->text(0x11);
  if (locator.empty()) return std::nullopt;
  return bank.empty() ? locator : fmt::format("{} ({})", locator, bank);
}

}  // namespace

std::optional<std::string> dimm_of_address(std::string_view table, std::uint64_t address) {
  const std::vector<Structure> all = structures(table);
  const Structure* const map = only(
      all, [&](const Structure& s) { return s.type() == kDeviceMap && covers(s, 0x13, address); });
  constexpr std::uint64_t kNotInterleaved = 0;  // 0xff: unknown
  if (map == nullptr || !map->has(0x11, 1) || map->number(0x11, 1) != kNotInterleaved)
    return std::nullopt;
  if (!one_wide(by_handle(all, kArrayMap, map->number(0x0e, 2)), address)) return std::nullopt;
  return name_of(by_handle(all, kMemoryDevice, map->number(0x0c, 2)));
}

std::optional<std::string> dimm_of_address(const std::filesystem::path& root,
                                           std::uint64_t address) {
  const auto table = read_file(root / "sys/firmware/dmi/tables/DMI", kLimitBytes);
  return table ? dimm_of_address(std::string_view(*table), address) : std::nullopt;
}

}  // namespace rackproof
