// SPDX-License-Identifier: Apache-2.0
// Deliberate faults: how the tool proves, on each device, that its detectors detect.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace rackproof {

enum class FaultSite { operand, memory, transfer, result, timing };
enum class FaultKind {
  flip,     ///< xor with `mask`, once
  stuck,    ///< the same wrong answer in every iteration of the burst
  zero,     ///< the element becomes all zeros
  nan,      ///< the element becomes a NaN (integers: all ones)
  swap,     ///< two elements change places
  late,     ///< the answer comes `delay_s` too late
  missing,  ///< no answer ever
};
[[nodiscard]] std::string_view name(FaultSite site);
[[nodiscard]] std::string_view name(FaultKind kind);
[[nodiscard]] Expected<FaultSite> fault_site_from_name(std::string_view name);
[[nodiscard]] Expected<FaultKind> fault_kind_from_name(std::string_view name);

/// One fault to commit. `element` is reduced modulo the number of elements by the back end.
struct Fault {
  std::uint64_t id = 0;
  FaultSite site = FaultSite::result;
  FaultKind kind = FaultKind::flip;
  std::uint64_t element = 0;
  std::uint64_t mask = 1;  ///< cut to the element's bits; never zero after that (bit 0 stands in)
  double delay_s = 0;
};

/// What an observer outside the checker saw change: an element's index and its bits before and
/// after.
struct Activation {
  std::uint64_t element = 0;
  std::uint64_t before = 0, after = 0;
};

/// A fault that strikes the next run of the Prepared it was armed on; its destructor undoes what is
/// left of it (a flipped word of memory is flipped back), so that it cannot be found twice.
class ArmedFault {
 public:
  virtual ~ArmedFault() = default;
  /// What really flipped so far; empty: the fault was never active and must not be counted.
  [[nodiscard]] virtual std::vector<Activation> activations() const = 0;
};

}  // namespace rackproof
