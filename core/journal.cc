// SPDX-License-Identifier: Apache-2.0
#include "core/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/json.h"

namespace rackproof {
namespace {

constexpr std::string_view kMagic = "rackproof-journal/1\n";
constexpr std::uint32_t kMaxRecord = 16u << 20;
constexpr std::size_t kHashBytes = 32, kHeaderBytes = 5;

std::string little_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  return out;
}

std::string_view domain(char kind) {
  switch (kind) {
    case 'G':
      return "rackproof-journal/1 genesis";
    case 'R':
      return "rackproof-journal/1 record";
    case 'S':
      return "rackproof-journal/1 seal";
    default:
      return {};
  }
}

Sha256 next_hash(const JournalHead& head, char kind, std::string_view bytes) {
  const std::string_view previous(reinterpret_cast<const char*>(head.hash.data()),
                                  head.hash.size());
  return sha256({domain(kind), previous, little_endian(head.count, 8),
                 little_endian(bytes.size(), 4), bytes});
}

std::uint32_t read_length(std::string_view four) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(four[i]);
  return value;
}

[[noreturn]] void storage_failed(const std::filesystem::path& path, const char* what) {
  throw StorageError(fmt::format("{}: cannot {}: {}", path.string(), what, std::strerror(errno)));
}

tl::unexpected<Error> broken(const std::filesystem::path& path, std::uint64_t index,
                             const char* why) {
  return tl::unexpected(
      Error{fmt::format("journal broken at record {}: {}", index, why), path.string()});
}

}  // namespace

Expected<JournalContents> read_journal(const std::filesystem::path& path, bool allow_torn) {
  const auto file = read_file(path, 64ull << 30);
  if (!file) return tl::unexpected(file.error());
  std::string_view rest = *file;
  if (rest.substr(0, kMagic.size()) != kMagic) return broken(path, 0, "not a rackproof journal");
  rest.remove_prefix(kMagic.size());
  JournalContents contents;
  while (!rest.empty()) {
    const std::uint64_t index = contents.head.count;
    if (contents.sealed) return broken(path, index, "bytes after the seal");
    const std::uint32_t length = rest.size() < kHeaderBytes ? 0 : read_length(rest.substr(1, 4));
    if (rest.size() < kHeaderBytes ||
        (length <= kMaxRecord && rest.size() < kHeaderBytes + length + kHashBytes))
      break;
    const char kind = rest[0];
    if (domain(kind).empty() || length > kMaxRecord || (kind == 'G') != (index == 0))
      return broken(path, index, "not a record");
    const std::string_view bytes = rest.substr(kHeaderBytes, length);
    const Sha256 hash = next_hash(contents.head, kind, bytes);
    if (std::memcmp(hash.data(), rest.data() + kHeaderBytes + length, kHashBytes) != 0) {
      return broken(path, index, "its hash does not follow from the record before");
    }
    contents.records.emplace_back(bytes);
    contents.head = {index + 1, hash};
    contents.sealed = kind == 'S';
    rest.remove_prefix(kHeaderBytes + length + kHashBytes);
  }
  contents.torn_bytes = rest.size();
  contents.whole_bytes = file->size() - rest.size();
  if (!rest.empty() && !allow_torn)
    return broken(path, contents.head.count, "torn: the file ends within it");
  if (contents.records.empty()) return broken(path, 0, "no genesis record");
  return contents;
}

JournalWriter JournalWriter::create(const std::filesystem::path& path, std::string_view genesis) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) storage_failed(path, "create the journal");
  JournalWriter writer(fd, path);
  if (::write(fd, kMagic.data(), kMagic.size()) != static_cast<ssize_t>(kMagic.size()))
    storage_failed(path, "write the journal");
  writer.frame('G', genesis);
  writer.sync();
  return writer;
}

JournalWriter JournalWriter::resume(const std::filesystem::path& path,
                                    const JournalContents& contents) {
  if (contents.sealed)
    throw StorageError(path.string() + ": the journal is sealed; its run is over");
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0) storage_failed(path, "open the journal");
  JournalWriter writer(fd, path);
  if (::ftruncate(fd, static_cast<off_t>(contents.whole_bytes)) != 0)
    storage_failed(path, "cut the journal's torn end");
  writer.head_ = contents.head;
  return writer;
}

JournalWriter::JournalWriter(JournalWriter&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      head_(other.head_),
      sealed_(other.sealed_) {}

JournalWriter::~JournalWriter() {
  if (fd_ >= 0) ::close(fd_);
}

void JournalWriter::frame(char kind, std::string_view bytes) {
  if (sealed_) throw StorageError(path_.string() + ": the journal is sealed");
  if (bytes.size() > kMaxRecord)
    throw StorageError(path_.string() + ": a record of more than 16 MiB");
  const Sha256 hash = next_hash(head_, kind, bytes);
  std::string out(1, kind);
  out += little_endian(bytes.size(), 4);
  out += bytes;
  out.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  for (std::string_view rest = out; !rest.empty();) {
    const ssize_t put = ::write(fd_, rest.data(), rest.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) storage_failed(path_, "write the journal");
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  head_ = {head_.count + 1, hash};
}

void JournalWriter::append(std::string_view record) { frame('R', record); }

void JournalWriter::sync() {
  if (::fdatasync(fd_) != 0) storage_failed(path_, "sync the journal");
}

void JournalWriter::seal(std::string_view record) {
  frame('S', record);
  sealed_ = true;
  sync();
}

}  // namespace rackproof
