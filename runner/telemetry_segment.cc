// SPDX-License-Identifier: Apache-2.0
#include "runner/telemetry_segment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>

#include "core/hash.h"
#include "core/journal.h"

namespace rackproof {
namespace {

constexpr int kLevel = 3;

}  // namespace

std::string readings_file(std::uint64_t number) {
  return fmt::format("telemetry/{:04}.csv.zst", number);
}
std::string kernel_file(std::uint64_t number) {
  return fmt::format("telemetry/kernel-{:04}.log.zst", number);
}

void sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool done = fd >= 0 && ::fsync(fd) == 0;
  const int why = errno;
  if (fd >= 0) ::close(fd);
  if (!done)
    throw StorageError(
        fmt::format("{}: cannot sync the folder: {}", folder.string(), std::strerror(why)));
}

void Segment::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }

Segment::Segment(const std::filesystem::path& bundle, std::string name)
    : path_(bundle / name), context_(ZSTD_createCCtx()) {
  record_.file = std::move(name);
  if (!context_) failed("compress", "out of memory");
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  const auto folder = path_.parent_path();
  const bool made = ::mkdir(folder.c_str(), 0755) == 0;
  if (!made && errno != EEXIST) failed("create its folder", std::strerror(errno));
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd_ < 0) failed("create", std::strerror(errno));
  if (made) sync_folder(bundle);
  sync_folder(folder);
}

Segment::~Segment() {
  if (fd_ >= 0) ::close(fd_);
}

void Segment::failed(const char* what, const char* why) const {
  throw StorageError(fmt::format("{}: cannot {}: {}", path_.string(), what, why));
}

void Segment::store(std::string_view bytes) {
  record_.size_bytes += bytes.size();
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) failed("write", put < 0 ? std::strerror(errno) : "nothing was taken");
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

void Segment::compress(std::string_view bytes, int how) {
  char buffer[16384];
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  for (bool done = false; !done;) {
    ZSTD_outBuffer out{buffer, sizeof buffer, 0};
    const auto mode = static_cast<ZSTD_EndDirective>(how);
    const std::size_t left = ZSTD_compressStream2(context_.get(), &out, &in, mode);
    if (ZSTD_isError(left) != 0) failed("compress", ZSTD_getErrorName(left));
    store({buffer, out.pos});
    done = mode == ZSTD_e_continue ? in.pos == in.size : left == 0;
  }
}

void Segment::head(std::string_view line) {
  compress(line, ZSTD_e_continue);
  compress("\n", ZSTD_e_continue);
}

void Segment::row(std::string_view line, double at_s) {
  if (record_.rows == 0) record_.start_s = flushed_s_ = at_s;
  record_.end_s = at_s;
  ++record_.rows;
  head(line);
}

void Segment::flush_when_due(double at_s) {
  if (record_.rows == 0 || at_s - flushed_s_ < kFlush_s) return;
  flushed_s_ = at_s;
  compress({}, ZSTD_e_flush);
  if (::fdatasync(fd_) != 0) failed("sync", std::strerror(errno));
}

SegmentRecord Segment::close() {
  compress({}, ZSTD_e_end);
  if (::fsync(fd_) != 0) failed("sync", std::strerror(errno));
  ::close(std::exchange(fd_, -1));
  const auto digest = sha256_file(path_);
  if (!digest) failed("read back", digest.error().message.c_str());
  record_.sha256 = hex(*digest);
  return record_;
}

}  // namespace rackproof
