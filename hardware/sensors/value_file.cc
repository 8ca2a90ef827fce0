// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/value_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

namespace rackproof {
namespace {

constexpr std::size_t kLimitBytes = 64u << 10;

ValueFile failed(const std::filesystem::path& path, int code) {
  const bool absent = code == ENOENT || code == ENOTDIR || code == EOPNOTSUPP;
  const auto state = absent ? Reading::State::unsupported : Reading::State::error;
  return {state, "", fmt::format("{}: {}", path.string(), std::strerror(code))};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

ValueFile read_value_file(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed(path, errno);
  std::string text;
  char buffer[4096];
  ssize_t got = 0;
  while (text.size() < kLimitBytes) {
    got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  const int code = errno;
  ::close(fd);
  if (got < 0) return failed(path, code);
  return {Reading::State::value, std::move(text), ""};
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  text = trimmed(text);
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

Reading read_number(std::string sensor, Unit unit, const NumberFile& file) {
  Reading reading{std::move(sensor), unit};
  const ValueFile bytes = read_value_file(file.path);
  reading.state = bytes.state;
  reading.detail = bytes.detail;
  if (bytes.state != Reading::State::value) return reading;
  const auto number = parse_integer(bytes.text);
  if (number && *number >= file.least) {
    reading.value = static_cast<double>(*number) * file.scale;
    return reading;
  }
  reading.state = Reading::State::error;
  constexpr std::size_t kShown = 64;
  reading.detail =
      fmt::format("{}: '{}' is {}", file.path.string(), trimmed(bytes.text).substr(0, kShown),
                  number ? "physically impossible" : "not a whole number");
  return reading;
}

std::vector<std::pair<int, std::filesystem::path>> numbered_entries(
    const std::filesystem::path& folder, std::string_view prefix) {
  std::vector<std::pair<int, std::filesystem::path>> found;
  std::error_code code;
  for (std::filesystem::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    const std::string name = entry->path().filename();
    if (!name.starts_with(prefix)) continue;
    int number = 0;
    const char* last = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + prefix.size(), last, number);
    if (parsed.ec == std::errc{} && parsed.ptr == last && number >= 0) {
      found.emplace_back(number, entry->path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<Reading> family_unsupported(const std::string& family, std::string why) {
  return {{family, Unit::count, Reading::State::unsupported, 0, std::move(why)}};
}

}  // namespace rackproof
