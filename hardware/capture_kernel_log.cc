// SPDX-License-Identifier: Apache-2.0
#include "hardware/capture_kernel_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace rackproof {
namespace {

constexpr std::size_t kMostRecords = 1000000;

// Source: util-linux, dmesg(1), whose numbers are those of syslog(3).
constexpr std::array<const char*, 8> kLevels{"emerg", "alert",  "crit", "err",
                                             "warn",  "notice", "info", "debug"};
constexpr std::array<const char*, 12> kFacilities{"kern", "user",   "mail",     "daemon",
                                                  "auth", "syslog", "lpr",      "news",
                                                  "uucp", "cron",   "authpriv", "ftp"};

template <std::size_t kCount>
std::string word(const std::array<const char*, kCount>& words, int number) {
  const auto index = static_cast<std::size_t>(number);
  return index < kCount ? words[index] : fmt::format("{}", number);
}

class File {
 public:
  explicit File(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

std::string dmesg_line(const KernelRecord& record) {
  return fmt::format("{:<6}:{:<6}: [{:12.6f}] {}\n", word(kFacilities, record.facility),
                     word(kLevels, record.level), record.boot_s, record.text);
}

// One read gives one record; EPIPE says that the ring ran over while we read.
Expected<std::vector<KernelRecord>> read_ring(const std::filesystem::path& kmsg) {
  const File file(kmsg);
  if (file.fd() < 0) return tl::unexpected(Error{std::strerror(errno), kmsg.string()});
  std::vector<KernelRecord> records;
  std::array<char, 16384> buffer{};
  while (records.size() < kMostRecords) {
    const ssize_t got = ::read(file.fd(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EPIPE || errno == EINTR)) continue;
    if (got < 0 && errno != EAGAIN) {
      return tl::unexpected(Error{std::strerror(errno), kmsg.string()});
    }
    if (got <= 0) break;
    auto record = parse_kernel_record({buffer.data(), static_cast<std::size_t>(got)});
    if (record) records.push_back(*std::move(record));
  }
  return records;
}

}  // namespace rackproof
