// SPDX-License-Identifier: Apache-2.0
// The hash-chained record of a run, written by the runner and read again by whoever verifies it.
//
// File: the line "rackproof-journal/1\n", then frames of
//   1 byte kind ('G' genesis, 'R' record, 'S' seal), 4 bytes length (little endian), the bytes, 32
//   bytes hash,
// where hash = SHA-256("rackproof-journal/1 " + kind name ‖ previous hash ‖ sequence (8 bytes,
// little endian) ‖ length (4 bytes) ‖ bytes) and the first previous hash is 32 zeros. The bytes are
// one JSON object.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/hash.h"

namespace rackproof {

struct JournalHead {
  std::uint64_t count = 0;  ///< frames so far
  Sha256 hash{};
};

/// What a journal file holds.
struct JournalContents {
  std::vector<std::string>
      records;  ///< the bytes of each frame in order, genesis first, the seal's last
  JournalHead head;
  bool sealed = false;
  std::uint64_t whole_bytes = 0;  ///< up to the end of the last whole frame
  std::uint64_t torn_bytes = 0;   ///< after it; not zero only when `allow_torn`
};

/// Reads and checks every hash. A torn tail (an incomplete last frame) is an error unless
/// `allow_torn`; a wrong hash, an unknown kind, a missing genesis or anything after the seal always
/// is.
[[nodiscard]] Expected<JournalContents> read_journal(const std::filesystem::path& path,
                                                     bool allow_torn = false);

/// Appends frames; not thread-safe. Every call that cannot store its bytes throws StorageError: a
/// record that cannot be stored ends the run.
class StorageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class JournalWriter {
 public:
  /// A new file; throws when it exists.
  static JournalWriter create(const std::filesystem::path& path, std::string_view genesis);
  /// Goes on after the last whole frame, cutting a torn tail. Throws on a sealed or broken journal.
  static JournalWriter resume(const std::filesystem::path& path, const JournalContents& contents);
  JournalWriter(JournalWriter&& other) noexcept;
  JournalWriter& operator=(JournalWriter&&) = delete;
  ~JournalWriter();

  void append(std::string_view record);
  /// fdatasync; the caller does so at least once a second and at every step's end.
  void sync();
  /// The last frame; syncs. Nothing can follow it.
  void seal(std::string_view record);
  [[nodiscard]] const JournalHead& head() const { return head_; }

 private:
  JournalWriter(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}
  void frame(char kind, std::string_view bytes);
  int fd_ = -1;
  std::filesystem::path path_;
  JournalHead head_;
  bool sealed_ = false;
};

}  // namespace rackproof
