// SPDX-License-Identifier: Apache-2.0
// Everything that the telemetry process reads, at full rate, in segments of the bundle.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "hardware/kernel_log.h"
#include "runner/ledger.h"
#include "runner/telemetry_rows.h"
#include "runner/telemetry_segment.h"

namespace rackproof {

/// A segment ends after kMostRows ticks, after kLongest_s, and when a sensor newly appears. Throws
/// StorageError. Not thread-safe.
class TelemetryStore {
 public:
  static constexpr std::uint64_t kMostRows = 600, kMostLines = 100000;
  static constexpr double kLongest_s = 600;

  TelemetryStore(std::filesystem::path bundle, Ledger& ledger);

  void tick(const std::vector<Reading>& readings, double at_s);
  /// "12.345 339 0.6 text": run time, sequence, facility.level, the line.
  void logged(const KernelRecord& record, double at_s);
  void flush_when_due(double at_s);
  /// Ends and records what is open.
  void close();

 private:
  void close(std::optional<Segment>& segment);
  void close_when_long(std::optional<Segment>& segment, std::uint64_t most, double at_s);
  [[nodiscard]] std::uint64_t next_number(bool kernel) const;

  std::filesystem::path bundle_;
  Ledger& ledger_;
  TelemetryColumns columns_;
  std::optional<Segment> readings_, kernel_;
};

}  // namespace rackproof
