// SPDX-License-Identifier: Apache-2.0
#include "runner/telemetry_store.h"

#include <fmt/format.h>

#include <algorithm>

namespace rackproof {

TelemetryStore::TelemetryStore(std::filesystem::path bundle, Ledger& ledger)
    : bundle_(std::move(bundle)), ledger_(ledger) {}

// Numbers have no gaps: each file's stands beside that of the one before in the journal.
std::uint64_t TelemetryStore::next_number(bool kernel) const {
  const auto& all = ledger_.evidence().segments;
  return 1 + static_cast<std::uint64_t>(std::ranges::count_if(all, [&](const SegmentRecord& s) {
           return s.file.starts_with("telemetry/kernel-") == kernel;
         }));
}

void TelemetryStore::tick(const std::vector<Reading>& readings, double at_s) {
  close_when_long(readings_, kMostRows, at_s);
  if (columns_.take(readings)) close(readings_);
  if (readings.empty()) return;
  if (!readings_) {
    readings_.emplace(bundle_, readings_file(next_number(false)));
    readings_->head(columns_.head());
  }
  readings_->row(columns_.row(readings, at_s), at_s);
}

void TelemetryStore::logged(const KernelRecord& record, double at_s) {
  close_when_long(kernel_, kMostLines, at_s);
  if (!kernel_) kernel_.emplace(bundle_, kernel_file(next_number(true)));
  kernel_->row(fmt::format("{:.3f} {} {}.{} {}", at_s, record.sequence, record.facility,
                           record.level, record.text),
               at_s);
}

void TelemetryStore::flush_when_due(double at_s) {
  for (auto* segment : {&readings_, &kernel_}) {
    if (*segment) (*segment)->flush_when_due(at_s);
  }
}

void TelemetryStore::close_when_long(std::optional<Segment>& segment, std::uint64_t most,
                                     double at_s) {
  if (!segment) return;
  const SegmentRecord& so_far = segment->so_far();
  if (so_far.rows >= most || at_s - so_far.start_s >= kLongest_s) close(segment);
}

void TelemetryStore::close(std::optional<Segment>& segment) {
  if (!segment) return;
  ledger_.segment(segment->close());
  segment.reset();
}

void TelemetryStore::close() {
  close(readings_);
  close(kernel_);
}

}  // namespace rackproof
