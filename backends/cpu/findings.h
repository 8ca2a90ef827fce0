// SPDX-License-Identifier: Apache-2.0
// What the checks of one burst find, kept apart per core until a section of work is over.
#pragma once

#include <cstdint>
#include <vector>

#include "core/device.h"
#include "core/pace.h"

namespace rackproof::cpu {

/// One core's findings in one section of work; written by one thread at a time.
struct alignas(64) Findings {
  std::uint64_t miscompares = 0;
  std::vector<Miscompare> samples;  ///< at most kMaxSamples; `core` is filled in by Tally

  void add(std::uint64_t element, std::uint64_t expected, std::uint64_t got);
};

/// Counts checked work and gathers findings over the sections of one burst.
class Tally {
 public:
  explicit Tally(unsigned cores);
  /// Where the check of what `core` made writes; one thread at a time for each core.
  [[nodiscard]] Findings& of(unsigned core) { return sections_[core]; }
  /// The same for a second thread, that which checks what `core` left behind in an earlier section.
  [[nodiscard]] Findings& left_by(unsigned core) { return sections_[cores_.size() + core]; }
  /// One more piece of work of `core` was checked.
  void checked(unsigned core) { ++cores_[core].iterations; }
  /// Differences that bring others with them (operands'), `count` in all, of which `samples` are
  /// known: these go before those of all results, so that none of them is crowded out. From one
  /// thread, between sections.
  void add_causes(const std::vector<Miscompare>& samples, std::uint64_t count);
  /// Ends a section: its findings, in the order of the cores, go behind those before.
  void collect();
  /// Writes miscompares, samples and cores.
  void write_to(Burst& burst) const;

 private:
  std::vector<Findings> sections_;
  std::vector<CoreTally> cores_;
  std::vector<Miscompare> causes_, samples_;
  std::uint64_t miscompares_ = 0;
};

}  // namespace rackproof::cpu
