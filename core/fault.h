// SPDX-License-Identifier: Apache-2.0
// Deliberate faults: how the tool proves, on each device, that its detectors detect.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/workload.h"

namespace rackproof {

enum class FaultSite { operand, memory, transfer, result, timing };
enum class FaultKind {
  flip,      ///< xor with `mask`, once
  stuck,     ///< the same wrong answer in every iteration of the burst
  zero,      ///< the element becomes all zeros
  nan,       ///< the element becomes a NaN (integers: all ones)
  inf,       ///< the element becomes infinite (integers: the most positive number)
  swap,      ///< two elements change places
  lanes,     ///< xor with `mask` in `count` elements, `stride` apart: what one bad lane does
  scramble,  ///< `count` neighbours, each xored with a random number of its own: a whole register
  late,      ///< the answer comes `delay_s` too late
  missing,   ///< no answer ever
};
[[nodiscard]] std::string_view name(FaultSite site);
[[nodiscard]] std::string_view name(FaultKind kind);
[[nodiscard]] Expected<FaultSite> fault_site_from_name(std::string_view name);
[[nodiscard]] Expected<FaultKind> fault_kind_from_name(std::string_view name);

/// One fault to commit. `element` is reduced modulo the number of elements by the back end; where
/// several are struck, indices wrap. At FaultSite::operand the elements are a's, then b's, and stay
/// flipped for the burst.
struct Fault {
  std::uint64_t id = 0;
  FaultSite site = FaultSite::result;
  FaultKind kind = FaultKind::flip;
  std::uint64_t element = 0;
  std::uint64_t mask = 1;  ///< of 64 bits; mask_for() makes it the element's
  double delay_s = 0;
  std::uint64_t count = 1, stride = 1;  ///< lanes and scramble
};
/// The mask for elements of 1, 2, 4 or 8 bytes: halves are xored together, so that one bit stays
/// one bit wherever it was; never zero (bit 0 stands in).
[[nodiscard]] std::uint64_t mask_for(std::uint64_t mask, unsigned bytes);
/// What FaultKind::scramble takes as the mask of its j-th element.
[[nodiscard]] std::uint64_t scramble_mask(const Fault& fault, std::uint64_t j);

/// What FaultKind::nan makes of an element of this type (integers: all ones), and FaultKind::inf
/// (integers and e4m3, which has no infinity: the most positive number). Sources: IEEE 754; OCP
/// 8-bit Floating Point Specification.
[[nodiscard]] std::uint64_t nan_bits(DType type);
[[nodiscard]] std::uint64_t infinity_bits(DType type);

/// What an observer outside the checker saw change: an element's index and its bits before and
/// after. Operands are numbered as Miscompare does it.
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
