// SPDX-License-Identifier: Apache-2.0
// One file of the bundle with what was read at full rate: lines of text, compressed as they come.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/record.h"

struct ZSTD_CCtx_s;

namespace rackproof {

/// `zstdcat` reads it, and after a crash all but the lines since the last flush. Everything throws
/// StorageError when it cannot be stored. Not thread-safe.
class Segment {
 public:
  /// A new file `name` below `bundle`, such as "telemetry/0001.csv.zst".
  Segment(const std::filesystem::path& bundle, std::string name);
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;
  ~Segment();

  void head(std::string_view line);              ///< no row: not counted
  void row(std::string_view line, double at_s);  ///< without its newline
  /// Hands all to the disk, at most every kFlush_s seconds of the run.
  void flush_when_due(double at_s);
  /// The whole file is on disk, and no more can follow.
  [[nodiscard]] SegmentRecord close();
  [[nodiscard]] const SegmentRecord& so_far() const { return record_; }

  static constexpr double kFlush_s = 5;

 private:
  void compress(std::string_view bytes, int how);
  void store(std::string_view bytes);
  [[noreturn]] void failed(const char* what, const char* why) const;

  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::filesystem::path path_;
  SegmentRecord record_;
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
  int fd_ = -1;
  double flushed_s_ = 0;
};

/// "telemetry/0001.csv.zst", "telemetry/kernel-0001.log.zst".
[[nodiscard]] std::string readings_file(std::uint64_t number);
[[nodiscard]] std::string kernel_file(std::uint64_t number);

/// The entry of a folder outlives a power cut. Throws StorageError.
void sync_folder(const std::filesystem::path& folder);

}  // namespace rackproof
