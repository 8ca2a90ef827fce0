// SPDX-License-Identifier: Apache-2.0
// Sums up the bursts of one window.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "core/device.h"
#include "core/oracle.h"
#include "core/record.h"

namespace rackproof {

/// The record of the window in hand. Bursts of the same work, digest and peer are counted together.
class WindowBuilder {
 public:
  /// Takes the step's `index`-th burst. `faulted`: a deliberate fault struck it.
  void add(const WorkKey& key, const std::string& peer, const Burst& burst, std::uint64_t index,
           bool faulted);
  void value(std::string_view metric, const std::string& peer, double v) {
    values_[{std::string(metric), peer}].push_back(v);
  }
  [[nodiscard]] WindowRecord& record() { return record_; }
  [[nodiscard]] bool empty() const {
    return record_.bursts == 0 && values_.empty() && record_.passes == 0 && record_.faults.empty();
  }
  /// Hands it on and starts the next; seconds since the load began.
  [[nodiscard]] WindowRecord take(double start_s, double end_s);

 private:
  WorkTally& tally_for(const WorkKey& key, const std::string& peer,
                       const std::optional<std::uint64_t>& digest, bool faulted);

  WindowRecord record_;
  std::map<std::tuple<WorkKey, std::string, std::optional<std::uint64_t>, bool>, std::size_t>
      places_;                                                                 // in record_.work
  std::map<std::pair<std::string, std::string>, std::vector<double>> values_;  // metric and peer
  std::map<std::uint32_t, CoreTally> cores_;
};

}  // namespace rackproof
