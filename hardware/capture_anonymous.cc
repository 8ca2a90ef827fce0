// SPDX-License-Identifier: Apache-2.0
#include "hardware/capture_anonymous.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "core/hash.h"

namespace rackproof {
namespace {

constexpr std::string_view kDomain = "rackproof anonymous\n";
constexpr std::size_t kShortest = 4;  // shorter ones would strike words that merely look alike

// What firmware says when nobody has written a serial number.
constexpr std::array<std::string_view, 12> kPlaceholders{
    "none",          "unknown",       "default string", "to be filled by o.e.m.",
    "not specified", "not available", "not applicable", "system serial number",
    "n/a",           "localhost",     "empty",          "(none)"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

bool is_placeholder(std::string_view text) {
  const bool blank = std::ranges::all_of(text, [&](char c) {
    return c == '0' || c == 'f' || c == 'F' || c == '-' || c == ':' || c == ' ' || c == '\n';
  });
  return blank || std::ranges::find(kPlaceholders, lower(text)) != kPlaceholders.end();
}

// The key of a DMI field, an hwloc word or a file that holds what identifies one unit.
bool names_a_secret(std::string_view key) {
  constexpr std::array<std::string_view, 12> kParts{"serial",   "uuid",    "guid",     "asset_tag",
                                                    "assettag", "address", "hostname", "host_name",
                                                    "nguid",    "eui",     "wwid",     "wwn"};
  constexpr std::array<std::string_view, 2> kNot{"baddress", "address_mask"};
  const std::string wanted = lower(key);
  if (std::ranges::find(kNot, wanted) != kNot.end()) return false;
  return std::ranges::any_of(
      kParts, [&](std::string_view part) { return wanted.find(part) != std::string::npos; });
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

void replace_words(std::string& text, const std::string& secret, const std::string& with) {
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    const std::size_t end = at + secret.size();
    const bool alone =
        (at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]));
    if (alone) text.replace(at, secret.size(), with);
    at += alone ? with.size() : secret.size();
  }
}

// Groups of `digits` hex digits with ':' between them, from `at`; 0: none begins here.
std::size_t groups_from(std::string_view text, std::size_t at, std::size_t digits) {
  std::size_t groups = 0;
  for (; at + digits <= text.size(); at += digits + 1) {
    const std::string_view group = text.substr(at, digits);
    if (!std::ranges::all_of(group, [](unsigned char c) { return std::isxdigit(c) != 0; })) break;
    const char after = at + digits < text.size() ? text[at + digits] : ' ';
    if (is_word(after)) return 0;
    ++groups;
    if (after != ':') break;
  }
  return groups;
}

// A MAC has 6 groups of two, InfiniBand's 20; a GUID 4 groups of four, a GID 8.
std::size_t address_length(std::string_view text, std::size_t at) {
  const std::size_t twos = groups_from(text, at, 2), fours = groups_from(text, at, 4);
  if (twos == 6 || twos == 8 || twos == 20) return twos * 3 - 1;
  return fours == 4 || fours == 8 ? fours * 5 - 1 : 0;
}

// Keeps the form of an address, so that our readers and other people's still read one.
std::string hashed_address(std::string_view address) {
  const std::string digits = hex(sha256({kDomain, lower(address)}));
  std::string out(address);
  std::size_t used = 0;
  for (char& c : out) {
    if (c != ':') c = digits[used++ % digits.size()];
  }
  // A MAC that nobody sells: locally administered, one station.
  if (address[2] == ':') out.replace(0, 2, "02");
  return out;
}

std::string hide_addresses(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const bool begins = at == 0 || (!is_word(text[at - 1]) && text[at - 1] != ':');
    const std::size_t length = begins ? address_length(text, at) : 0;
    const std::string_view found =
        std::string_view(text).substr(at, std::max<std::size_t>(length, 1));
    out += length == 0 || is_placeholder(found) ? std::string(found) : hashed_address(found);
    at += found.size();
  }
  return out;
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

bool is_address(std::string_view text) { return address_length(text, 0) == text.size(); }

// The value between the quotes of `<info name="KEY" value="VALUE"/>`, where KEY names a secret.
void hide_info(std::string& line) {
  constexpr std::string_view kStart = "<info name=\"", kMiddle = "\" value=\"";
  const auto start = line.find(kStart);
  const auto middle = line.find(kMiddle);
  if (start == std::string::npos || middle == std::string::npos) return;
  const std::size_t key = start + kStart.size(), value = middle + kMiddle.size();
  const auto end = line.find('"', value);
  if (end == std::string::npos || !names_a_secret(line.substr(key, middle - key))) return;
  const std::string secret = line.substr(value, end - value);
  if (!is_address(secret)) line.replace(value, end - value, Anonymous::name(secret));
}

}  // namespace

Anonymous::Anonymous(const Inventory& inventory) {
  const auto add = [&](const std::string& secret) {
    if (secret.size() >= kShortest && !is_placeholder(secret)) secrets_.insert(secret);
  };
  add(inventory.hostname);
  for (const auto& [key, value] : inventory.dmi) {
    if (names_a_secret(key)) add(value);
  }
  for (const OsDevice& device : inventory.os_devices) {
    for (const auto& [key, value] : device.details) {
      if (names_a_secret(key) && !is_address(value)) add(value);
    }
  }
  for (const PciDevice& device : inventory.pci) add(device.serial);
}

std::string Anonymous::name(std::string_view secret) {
  if (secret.empty() || is_placeholder(secret)) return std::string(secret);
  return "anon-" + hex(sha256({kDomain, secret})).substr(0, 12);
}

std::string Anonymous::text(std::string bytes) const {
  // The longest first: one may be part of another, as a host's name is of its domain name.
  std::vector<std::string> longest_first(secrets_.begin(), secrets_.end());
  std::ranges::stable_sort(longest_first, std::ranges::greater{}, &std::string::size);
  for (const std::string& secret : longest_first) replace_words(bytes, secret, name(secret));
  return hide_addresses(bytes);
}

std::string Anonymous::file(std::string_view path, std::string bytes) const {
  const std::string_view last = path.substr(path.rfind('/') + 1);
  const std::string whole = trimmed(bytes);
  const bool one_secret = names_a_secret(last) && whole.find('\n') == std::string::npos;
  if (one_secret && !is_address(whole) && !path.starts_with("sys/bus/pci/")) {
    return name(whole) + '\n';
  }
  return text(std::move(bytes));
}

std::string Anonymous::xml(std::string bytes) const {
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size() - 1) + 1;
    std::string line = bytes.substr(at, end - at);
    hide_info(line);
    out += line;
    at = end;
  }
  return text(std::move(out));
}

void hash_serial(std::uint8_t* bytes) {
  const std::string_view serial(reinterpret_cast<const char*>(bytes), 8);
  const Sha256 digest = sha256({kDomain, serial});
  std::copy_n(digest.begin(), 8, bytes);
}

}  // namespace rackproof
