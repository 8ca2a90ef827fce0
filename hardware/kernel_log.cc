// SPDX-License-Identifier: Apache-2.0
// Reads /dev/kmsg, or a file or FIFO that holds its records one after the other, as `cat /dev/kmsg`
// writes them. Semantics of read(): the kernel's Documentation/ABI/testing/dev-kmsg.
#include "hardware/kernel_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace rackproof {
namespace {

// Kernels print records of up to 8 KiB with their dictionary; a shorter buffer is EINVAL.
constexpr std::size_t kBufferBytes = 65536;
constexpr int kMostUnusable = 1000;  // in one go; what gives nothing else is no log

struct Piece {
  enum class Kind { record, none, overrun, too_long, failed } kind = Kind::none;
  std::string bytes;
};

Piece failed_piece() {
  switch (errno) {
    case EAGAIN:
      return {Piece::Kind::none, {}};
    case EPIPE:
      return {Piece::Kind::overrun, {}};
    case EINVAL:
      return {Piece::Kind::too_long, {}};
    default:
      return {Piece::Kind::failed, std::strerror(errno)};
  }
}

ssize_t read_retrying(int fd, char* to, std::size_t size) {
  ssize_t got = 0;
  do {
    got = ::read(fd, to, size);
  } while (got < 0 && errno == EINTR);
  return got;
}

// The kernel hands out one whole record a read().
Piece from_device(int fd) {
  char buffer[kBufferBytes];
  const ssize_t got = read_retrying(fd, buffer, sizeof buffer);
  if (got < 0) return failed_piece();
  if (got == 0) return {};
  return {Piece::Kind::record, std::string(buffer, static_cast<std::size_t>(got))};
}

// Where the record at the front ends: behind its line and its indented dictionary lines.
std::size_t record_bytes(std::string_view text) {
  auto end = text.find('\n');
  while (end != std::string_view::npos && end + 1 < text.size() && text[end + 1] == ' ') {
    end = text.find('\n', end + 1);
  }
  return end == std::string_view::npos ? 0 : end + 1;
}

// A line that is still being written stays for the next look.
Piece from_file(int fd) {
  char buffer[kBufferBytes];
  const off_t at = ::lseek(fd, 0, SEEK_CUR);
  const ssize_t got = ::pread(fd, buffer, sizeof buffer, at);
  if (got < 0) return failed_piece();
  const auto size = static_cast<std::size_t>(got);
  std::size_t taken = record_bytes({buffer, size});
  if (taken == 0 && size == sizeof buffer) taken = size;
  if (taken == 0) return {};
  ::lseek(fd, at + static_cast<off_t>(taken), SEEK_SET);
  return {Piece::Kind::record, std::string(buffer, taken)};
}

// Byte by byte, since what is taken too much cannot be put back; a writer's line is whole
// (PIPE_BUF).
Piece from_pipe(int fd) {
  Piece piece;
  char byte = 0;
  ssize_t got = 0;
  while (piece.bytes.size() < kBufferBytes && (got = read_retrying(fd, &byte, 1)) == 1) {
    piece.kind = Piece::Kind::record;
    piece.bytes += byte;
    if (byte == '\n') return piece;
  }
  return got < 0 && piece.bytes.empty() ? failed_piece() : piece;
}

Piece next_piece(int fd, mode_t mode) {
  if (S_ISREG(mode)) return from_file(fd);
  return S_ISFIFO(mode) ? from_pipe(fd) : from_device(fd);
}

mode_t mode_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? status.st_mode : 0;
}

// The last sequence number that the log holds now; none: no record.
std::optional<std::uint64_t> newest(int fd, mode_t mode) {
  std::optional<std::uint64_t> last;
  for (int unusable = 0; unusable < kMostUnusable;) {
    const Piece piece = next_piece(fd, mode);
    if (piece.kind == Piece::Kind::none || piece.kind == Piece::Kind::failed) break;
    const auto record = parse_kernel_record(piece.bytes);
    if (record) {
      last = record->sequence;
    } else {
      ++unusable;
    }
  }
  return last;
}

// Puts what read() gave into the batch, and counts what is missing before it.
class Intake {
 public:
  Intake(KernelLog::Batch& batch, std::optional<std::uint64_t>& last)
      : batch_(batch), last_(last) {}

  // False: there is no more, or no more can be had.
  bool take(const Piece& piece) {
    switch (piece.kind) {
      case Piece::Kind::record:
        return line(piece.bytes);
      case Piece::Kind::overrun:
      case Piece::Kind::too_long:   // the kernel has gone on to the next one
        if (!last_) ++batch_.lost;  // else the gap before the next record says how many
        return unusable();
      case Piece::Kind::failed:
        batch_.error = piece.bytes;
        return false;
      case Piece::Kind::none:
        return false;
    }
    return false;
  }

 private:
  bool line(const std::string& bytes) {
    auto record = parse_kernel_record(bytes);
    if (!record) {
      if (bytes.front() != ' ') ++batch_.lost;
      return unusable();
    }
    if (last_ && record->sequence <= *last_) return true;
    if (last_) batch_.lost += record->sequence - *last_ - 1;
    last_ = record->sequence;
    batch_.records.push_back(std::move(*record));
    return true;
  }
  bool unusable() {
    if (++unusable_ < kMostUnusable) return true;
    batch_.error = "it gives no records of a kernel log";
    return false;
  }

  KernelLog::Batch& batch_;
  std::optional<std::uint64_t>& last_;
  int unusable_ = 0;
};

Error trouble(const std::filesystem::path& device, const std::string& why) {
  return Error{"cannot read the kernel log: " + why, device.string()};
}

}  // namespace

Expected<KernelLog> KernelLog::open(const std::filesystem::path& device,
                                    std::optional<std::uint64_t> after) {
  const int fd = ::open(device.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return tl::unexpected(trouble(device, std::strerror(errno)));
  KernelLog log(fd);
  const mode_t mode = mode_of(fd);
  if (S_ISDIR(mode)) return tl::unexpected(trouble(device, "it is a folder"));
  if (S_ISFIFO(mode)) {
    log.last_ = after;
    return log;
  }
  if (::lseek(fd, 0, after ? SEEK_SET : SEEK_END) < 0) {
    return tl::unexpected(trouble(device, std::strerror(errno)));
  }
  if (!after) return log;
  // Numbers begin anew with each boot: without this look, all that is new would count as read.
  const auto end = newest(fd, mode);
  if (end && *end < *after) {
    return tl::unexpected(trouble(
        device,
        fmt::format("it ends at record {}, so record {} is of another boot", *end, *after)));
  }
  (void)::lseek(fd, 0, SEEK_SET);
  log.last_ = after;
  return log;
}

KernelLog::KernelLog(KernelLog&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), last_(std::exchange(other.last_, {})) {}

KernelLog& KernelLog::operator=(KernelLog&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(last_, other.last_);
  return *this;
}

KernelLog::~KernelLog() {
  if (fd_ >= 0) ::close(fd_);
}

KernelLog::Batch KernelLog::read(std::size_t most) {
  Batch batch;
  Intake intake(batch, last_);
  const mode_t mode = mode_of(fd_);
  while (batch.records.size() < most && intake.take(next_piece(fd_, mode))) {
  }
  return batch;
}

}  // namespace rackproof
