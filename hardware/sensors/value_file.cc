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

constexpr std::size_t kChunkBytes = 4096;

ValueFile failed(const std::filesystem::path& path, int code) {
  const bool absent = code == ENOENT || code == ENOTDIR || code == EOPNOTSUPP;
  const auto state = absent ? Reading::State::unsupported : Reading::State::error;
  return {state, "", fmt::format("{}: {}", path.string(), std::strerror(code))};
}

ValueFile too_long(const std::filesystem::path& path, std::string_view what) {
  return {Reading::State::error, "",
          fmt::format("{}: {}longer than {} bytes", path.string(), what, kLongestValueFile)};
}

class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)),
        error_(fd_ < 0 ? errno : 0) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  [[nodiscard]] int error() const { return error_; }  ///< an errno; 0: none
  /// Bytes put into `to`; 0: the end, or an error.
  std::size_t read(char* to, std::size_t most) {
    ssize_t got = -1;
    while (error_ == 0 && (got = ::read(fd_, to, most)) < 0) {
      if (errno != EINTR) error_ = errno;
    }
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

 private:
  int fd_;
  int error_;
};

// Visits the whole lines at the start of `text` and says how long they are together.
std::size_t visit_whole(std::string_view text,
                        const std::function<void(std::string_view line)>& visit) {
  std::size_t at = 0;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', at)) {
    visit(text.substr(at, end - at));
    at = end + 1;
  }
  return at;
}

}  // namespace

ValueFile read_value_file(const std::filesystem::path& path) {
  OpenFile file(path);
  std::string text;
  char buffer[kChunkBytes];
  while (text.size() <= kLongestValueFile) {
    const std::size_t got = file.read(buffer, sizeof buffer);
    if (got == 0) break;
    text.append(buffer, got);
  }
  if (file.error() != 0) return failed(path, file.error());
  if (text.size() > kLongestValueFile) return too_long(path, "");
  return {Reading::State::value, std::move(text), ""};
}

ValueFile visit_lines(const std::filesystem::path& path,
                      const std::function<void(std::string_view line)>& visit) {
  OpenFile file(path);
  std::string buffer(2 * kLongestValueFile, '\0');
  std::size_t held = 0;
  for (std::size_t got = 0; (got = file.read(buffer.data() + held, kLongestValueFile)) > 0;) {
    held += got;
    const std::size_t done = visit_whole({buffer.data(), held}, visit);
    std::copy(buffer.data() + done, buffer.data() + held, buffer.data());
    held -= done;
    if (held >= kLongestValueFile) return too_long(path, "a line is ");
  }
  if (file.error() != 0) return failed(path, file.error());
  if (held > 0) visit({buffer.data(), held});
  return {Reading::State::value, "", ""};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::optional<std::int64_t> parse_integer(std::string_view text, int base) {
  text = trimmed(text);
  if (base == 16 && text.starts_with("0x")) text.remove_prefix(2);
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::vector<Reading> family_unsupported(const std::string& family, std::string why) {
  return {{family, Unit::count, Reading::State::unsupported, 0, std::move(why)}};
}

bool all_unsupported(const std::vector<Reading>& readings) {
  return std::all_of(readings.begin(), readings.end(), [](const Reading& reading) {
    return reading.state == Reading::State::unsupported;
  });
}

}  // namespace rackproof
