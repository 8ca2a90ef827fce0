// SPDX-License-Identifier: Apache-2.0
// The record as it grows: each entry goes into the Evidence in memory and into the journal on disk,
// or the run ends.
#pragma once

#include <filesystem>
#include <string>

#include "core/device.h"
#include "core/evidence.h"
#include "core/journal.h"

namespace rackproof {

/// Throws StorageError where the journal does. Not thread-safe.
class Ledger {
 public:
  /// A new journal; the run's clock starts at 0.
  Ledger(const std::filesystem::path& journal, const Genesis& genesis);
  /// Goes on with what was read; the run's clock goes on after its last record.
  Ledger(const std::filesystem::path& journal, const JournalContents& contents, Evidence evidence);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  void task_start(const std::string& step, const std::string& device, std::uint64_t attempt);
  void window(const std::string& step, const std::string& device, std::uint64_t attempt,
              const WindowRecord& window);
  void task_end(const std::string& step, const std::string& device, std::uint64_t attempt,
                Outcome outcome, const std::string& detail);
  const EventRecord& event(EventRecord event);               ///< `at_s` is filled in
  const EventRecord& event_at(EventRecord event);            ///< `at_s` stays: it was found later
  const ConditionRecord& condition(ConditionRecord record);  ///< `at_s` is filled in
  void sensor(const SensorWindow& window);
  void kernel_log(const KernelLogWindow& window);
  /// The clock goes on after the segment's end.
  void segment(const SegmentRecord& segment);
  void end(bool interrupted);
  void seal(const std::string& record);

  void sync();
  /// fdatasync when there is something younger than the last one and a second has passed.
  void sync_when_due(Clock::time_point now);
  /// Seconds since the run began, without the gaps between resumes.
  [[nodiscard]] double at_s() const;
  [[nodiscard]] const Evidence& evidence() const { return evidence_; }
  [[nodiscard]] const JournalHead& head() const { return writer_.head(); }

 private:
  void put(const Json& record);
  void put(const char* kind, Json record);

  Evidence evidence_;
  JournalWriter writer_;
  Clock::time_point zero_, last_sync_;
  bool dirty_ = false;
};

/// The latest time that any record names.
[[nodiscard]] double last_time(const Evidence& evidence);
/// Now in UTC, RFC 3339.
[[nodiscard]] std::string utc_now();

}  // namespace rackproof
