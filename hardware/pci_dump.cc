// SPDX-License-Identifier: Apache-2.0
#include "hardware/pci_dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <set>

#include "hardware/pci_tree.h"

namespace rackproof {
namespace {

constexpr std::size_t kLongestLine = 250;  // libpci's buffer holds 255 with the line's end
constexpr std::size_t kRowBytes = 16;
constexpr std::array<std::size_t, 4> kWhole{64, 128, 256, 4096};

// '#' in the pattern stands for one hex digit.
bool matches(std::string_view text, std::string_view pattern) {
  if (text.size() < pattern.size()) return false;
  return std::equal(pattern.begin(), pattern.end(), text.begin(), [](char wanted, char got) {
    return wanted == '#' ? std::isxdigit(static_cast<unsigned char>(got)) != 0 : wanted == got;
  });
}

// "0000:1b:00.0 3D controller: ..." gives "0000:1b:00.0".
std::optional<std::string> heading(std::string_view line) {
  if (matches(line, "####:##:##.# ")) return std::string(line.substr(0, 12));
  if (matches(line, "#####:##:##.# ")) return std::string(line.substr(0, 13));  // Intel VMD
  if (matches(line, "##:##.# ")) return "0000:" + std::string(line.substr(0, 7));
  return {};
}

// "1f0: 00 01 ..." gives 0x1f0; none: not a row of configuration space.
std::optional<std::size_t> row_offset(std::string_view line) {
  if (!matches(line, "##: ") && !matches(line, "###: ")) return {};
  std::size_t offset = 0;
  std::from_chars(line.data(), line.data() + line.find(':'), offset, 16);
  return offset;
}

std::size_t whole_bytes(std::string_view line) {
  std::string_view rest = line.substr(line.find(':') + 1);
  std::size_t count = 0;
  for (; matches(rest, " ##"); rest.remove_prefix(3)) ++count;
  return rest.empty() ? count : 0;
}

// Goes through the dump line by line and keeps what the device in hand has shown so far.
class Check {
 public:
  explicit Check(const std::string& file) : file_(file) {}

  // Empty: the line is in order; otherwise what is wrong with it.
  std::string line(std::string_view text) {
    ++line_;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.size() > kLongestLine) return "longer than 250 characters: cut the device's name";
    if (text.empty()) return end_device();
    if (const auto bdf = heading(text)) return begin_device(*bdf);
    const auto offset = row_offset(text);
    if (offset && !device_.empty()) return row(text, *offset);
    // `lspci -v` puts indented lines in between.
    if (!device_.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) return "";
    return "neither a device ('0000:1b:00.0 ...') nor a row of its configuration space "
           "('00: 86 80 ...'), as `lspci -xxxx` writes them";
  }
  std::string end() {
    std::string problem = end_device();
    return problem.empty() && seen_.empty() ? "holds no PCI device" : problem;
  }
  [[nodiscard]] Error error(std::string message) const {
    return {std::move(message), file_, line_};
  }

 private:
  std::string begin_device(const std::string& bdf) {
    std::string problem = end_device();
    if (problem.empty() && !seen_.insert(bdf).second) problem = bdf + " is there twice";
    if (problem.empty() && seen_.size() > kMostPciFunctions) {
      problem = fmt::format("more than {} devices: no machine has so many", kMostPciFunctions);
    }
    device_ = bdf;
    return problem;
  }
  std::string end_device() {
    const bool whole = std::find(kWhole.begin(), kWhole.end(), bytes_) != kWhole.end();
    std::string problem;
    if (!device_.empty() && !whole) {
      problem = fmt::format(
          "{} ends after {} bytes of configuration space: 64, 128, 256 or 4096 "
          "are a whole one",
          device_, bytes_);
    }
    device_.clear();
    bytes_ = 0;
    return problem;
  }
  std::string row(std::string_view text, std::size_t offset) {
    if (offset != bytes_) {
      return fmt::format("{}: row {:02x} where row {:02x} was due", device_, offset, bytes_);
    }
    if (whole_bytes(text) != kRowBytes) {
      return fmt::format("{}: row {:02x} is not 16 bytes of two hex digits", device_, offset);
    }
    bytes_ += kRowBytes;
    return "";
  }

  const std::string& file_;
  int line_ = 0;
  std::string device_;
  std::size_t bytes_ = 0;
  std::set<std::string> seen_;
};

}  // namespace

Expected<void> check_pci_dump(std::string_view text, const std::string& file) {
  Check check(file);
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string problem = check.line(text.substr(0, end));
    if (problem.empty() && end == std::string_view::npos) problem = "the last line is cut off";
    if (!problem.empty()) return tl::unexpected(check.error(std::move(problem)));
    text.remove_prefix(end + 1);
  }
  std::string problem = check.end();
  if (!problem.empty()) return tl::unexpected(check.error(std::move(problem)));
  return {};
}

}  // namespace rackproof
