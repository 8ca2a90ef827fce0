// SPDX-License-Identifier: Apache-2.0
// What the checks of one burst find, as ledger.cl writes it down on the device.
#pragma once

#include <vector>

#include "backends/kernels/lanes.h"
#include "core/device.h"

namespace rackproof::kernels {

class Ledger {
 public:
  /// `groups` work groups at most have a digest of their own.
  Ledger(Lanes& lanes, std::uint64_t groups);

  /// A burst begins: nothing is found yet.
  void clear();
  /// Sets a kernel's last arguments from `index` on: tallies, records, digests, first group, lane.
  void set(Kernel& kernel, std::uint32_t index, std::uint32_t first_group,
           std::uint32_t lane) const {
    kernel.set(index, tallies_.get(), records_.get(), digests_.get(), first_group, lane);
  }
  [[nodiscard]] Handle digests() const { return digests_.get(); }
  /// Waits, and returns the sum of what groups added to their digests since they were taken last.
  [[nodiscard]] std::uint64_t take_digest();
  /// Starts to take them on the device, as `count` digests of `width` groups each, which lie one
  /// behind the other from digest `first` on, and folds these as core's DigestFold does. `gaps`:
  /// a piece of work that nobody did has none.
  void fold(std::uint64_t width, std::uint64_t first, std::uint64_t count, bool gaps);
  /// The same for one digest of all groups.
  void fold() { fold(groups_, 0, 1, false); }
  /// Waits, and returns what was folded in this burst. Other than `expected` digests: a finding,
  /// since some iteration went unchecked or was checked twice.
  [[nodiscard]] std::uint64_t folded(std::uint64_t expected);
  /// Waits. Other than `expected` pieces of work checked in this burst: a finding, since some
  /// iteration did not happen. For work whose iterations leave the same behind and have no digests.
  void require_checked(std::uint64_t expected);
  /// Waits, and returns how many pieces of work nobody did in this burst.
  [[nodiscard]] std::uint64_t undone();
  /// What the host found by itself: so many, of which `samples` are some. Counted for the core that
  /// each sample names, and for that of the first one beyond.
  void add(std::uint64_t wrong, const std::vector<Miscompare>& samples);
  /// Waits, and returns how many elements were wrong so far.
  [[nodiscard]] std::uint64_t wrong();
  /// Waits, and writes miscompares, samples (operands, then the others, each by element) and cores.
  /// Where the device does not say which compute unit did what, one entry stands for all of it.
  void write_to(Burst& burst);

 private:
  struct Tallies {
    std::uint32_t recorded = 0, operands_recorded = 0, undone = 0;
    std::vector<CoreTally> cores;  // the last is that of no known number
  };
  [[nodiscard]] Tallies read_tallies();
  [[nodiscard]] std::vector<Miscompare> read_records(std::size_t part, std::uint32_t recorded);

  Lanes& lanes_;
  std::uint32_t cores_;
  std::uint64_t groups_;
  Buffer tallies_, records_, digests_, fold_;
  Kernel fold_digests_;
  std::vector<std::uint64_t> own_wrong_;
  std::vector<Miscompare> own_samples_;
};

}  // namespace rackproof::kernels
