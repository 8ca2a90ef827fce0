// SPDX-License-Identifier: Apache-2.0
// The kernel's log: records as /dev/kmsg or a saved dmesg gives them, and what each one means by
// the table hardware/kernel_log.yaml.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace rackproof {

/// One line of the log. Source of the format: the kernel's Documentation/ABI/testing/dev-kmsg.
struct KernelRecord {
  std::uint64_t sequence = 0;  ///< a saved dmesg has none: the line's number
  double boot_s = 0;           ///< seconds since boot, the kernel's clock
  int level = 6;               ///< 0 emergency .. 7 debug
  int facility = 0;            ///< 0: the kernel itself; else a program wrote it
  std::string text;            ///< one line of UTF-8, at most kLongestKernelLine bytes
  std::string device;          ///< DEVICE= of the record's dictionary: "+pci:0000:1b:00.0"
  [[nodiscard]] bool from_kernel() const { return facility == 0; }
};
inline constexpr std::size_t kLongestKernelLine = 4096;

/// A live log, read without blocking. Not thread-safe.
class KernelLog {
 public:
  struct Batch {
    std::vector<KernelRecord> records;
    std::uint64_t lost = 0;  ///< sequence numbers that the ring overwrote before we read them
    std::string error;       ///< why nothing could be read; empty: all was read
  };
  /// `device`: /dev/kmsg or what stands for it. `after` none: only what comes from now on; else
  /// everything that follows that sequence number. An Error when it cannot be opened.
  [[nodiscard]] static Expected<KernelLog> open(const std::filesystem::path& device,
                                                std::optional<std::uint64_t> after);
  KernelLog(KernelLog&& other) noexcept;
  KernelLog& operator=(KernelLog&& other) noexcept;
  ~KernelLog();

  /// All that is there now, at most `most` records.
  [[nodiscard]] Batch read(std::size_t most = 1000);
  [[nodiscard]] int fd() const { return fd_; }  ///< for poll(POLLIN)
  /// Of the last record read; none: nothing was read yet.
  [[nodiscard]] std::optional<std::uint64_t> last() const { return last_; }

 private:
  explicit KernelLog(int fd) : fd_(fd) {}
  int fd_ = -1;
  std::optional<std::uint64_t> last_;
};

/// One record of /dev/kmsg: "6,339,5140900,-;text" and its dictionary lines.
[[nodiscard]] Expected<KernelRecord> parse_kernel_record(std::string_view record);
/// The output of `dmesg`, plain, -x, -r, -T or --json, or a /var/log/kern.log. Lines that are none
/// are kept as text.
[[nodiscard]] Expected<std::vector<KernelRecord>> read_dmesg(const std::filesystem::path& file);

/// What a record means for the hardware.
struct KernelEvent {
  std::string cause;     ///< "gpu.xid.79", "memory.corrected", "pcie.uncorrected", "kernel.oom"
  std::string severity;  ///< "info", "warning", "fatal"
  std::string part;  ///< "0000:1b:00.0", "cpu 12", "mc0 csrow1 channel0", "mlx5_0"; may be empty
  std::string text;  ///< the line
  std::string next_step;
};
/// None: no event of the table. Thread-safe; linear in the line's length. A line that no part of
/// the kernel wrote is never more than a "warning", and its next step says who wrote it.
[[nodiscard]] std::optional<KernelEvent> classify(const KernelRecord& record);

}  // namespace rackproof
