// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace rackproof {
namespace {

constexpr std::size_t kMostNamed = 64;

struct Numbered {
  std::string stem;
  std::uint64_t number = 0;
  std::size_t width = 0;  // digits, when written with leading zeros
};

std::optional<Numbered> numbered(const std::string& name) {
  const std::size_t last = name.find_last_not_of("0123456789");
  const std::size_t digits = last == std::string::npos ? 0 : last + 1;
  Numbered parts{name.substr(0, digits)};
  const char* end = name.data() + name.size();
  const auto [rest, status] = std::from_chars(name.data() + digits, end, parts.number);
  if (digits == name.size() || status != std::errc{} || rest != end) return std::nullopt;
  if (name[digits] == '0') parts.width = name.size() - digits;
  return parts;
}

struct Family {
  std::string stem;
  std::size_t width = 0;
  std::set<std::uint64_t> numbers;
  std::vector<std::uint64_t> bases;  // the numbers that the first member may have

  [[nodiscard]] std::string name(std::uint64_t number) const {
    return fmt::format("{}{:0{}}", stem, number, width);
  }
};

std::optional<Family> family_of(const std::vector<std::string>& seen) {
  Family family;
  for (const std::string& name : seen) {
    const auto parts = numbered(name);
    if (!parts || (!family.numbers.empty() && parts->stem != family.stem)) return std::nullopt;
    family.stem = parts->stem;
    family.width = std::max(family.width, parts->width);
    family.numbers.insert(parts->number);
  }
  return family.numbers.empty() ? std::nullopt : std::optional(family);
}

std::vector<std::uint64_t> possible_bases(const std::vector<std::string>& names,
                                          std::uint64_t count) {
  bool has_zero = false;
  bool has_last = false;
  for (const std::string& name : names) {
    const auto parts = numbered(name);
    has_zero = has_zero || (parts && parts->number == 0);
    has_last = has_last || (parts && parts->number == count);
  }
  if (has_zero) return {0};
  if (has_last) return {1};
  return {0, 1};
}

std::optional<Family> read_family(const std::vector<std::string>& seen, std::uint64_t count,
                                  std::vector<std::string> names) {
  auto family = family_of(seen);
  if (!family) return std::nullopt;
  names.insert(names.end(), seen.begin(), seen.end());
  family->bases = possible_bases(names, count);
  return family;
}

std::string gaps(const Family& family, std::uint64_t base, std::uint64_t count) {
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < count && names.size() < kMostNamed; ++i) {
    if (!family.numbers.contains(base + i)) names.push_back(family.name(base + i));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string missing_names(const std::vector<std::string>& seen, std::uint64_t count,
                          const std::vector<std::string>& family) {
  const auto known = read_family(seen, count, family);
  if (!known) return "";
  std::vector<std::string> readings;
  for (const std::uint64_t base : known->bases) readings.push_back(gaps(*known, base, count));
  return fmt::format("{}", fmt::join(readings, " or "));
}

std::string extra_names(const std::vector<std::string>& seen, std::uint64_t count,
                        const std::vector<std::string>& family) {
  const auto known = read_family(seen, count, family);
  std::vector<std::string> extra = seen;
  if (known && known->bases.size() == 1) {
    const std::uint64_t base = known->bases.front();
    std::erase_if(extra, [&](const std::string& name) {
      const std::uint64_t number = numbered(name)->number;
      return number >= base && number - base < count;
    });
  }
  return fmt::format("{}", fmt::join(extra, ", "));
}

}  // namespace rackproof
