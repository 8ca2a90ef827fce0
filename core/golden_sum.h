// SPDX-License-Identifier: Apache-2.0
// A golden as a sum over elements, so that as many threads as there are can share one.
#pragma once

#include <memory>

#include "core/oracle.h"

namespace rackproof {

/// What some of the elements came to.
struct GoldenPart {
  std::uint64_t result = 0;
  std::uint64_t operands = 0;  ///< digest of a gemm's
};

/// Immutable: any thread may ask for any part.
class GoldenSum {
 public:
  GoldenSum() = default;
  GoldenSum(const GoldenSum&) = delete;
  GoldenSum& operator=(const GoldenSum&) = delete;
  virtual ~GoldenSum() = default;

  /// 0: a closed form, which answer() of no part at all is.
  [[nodiscard]] virtual std::uint64_t elements() const = 0;
  /// What one element costs, in operands of the others' kind: for pieces of about the same time.
  [[nodiscard]] virtual double element_cost() const { return 1; }
  /// Elements `first` to `last` - 1, in memory that does not grow with the work's.
  [[nodiscard]] virtual GoldenPart part(std::uint64_t first, std::uint64_t last) const = 0;
  [[nodiscard]] virtual GoldenPart add(const GoldenPart& a, const GoldenPart& b) const {
    return {a.result + b.result, a.operands + b.operands};
  }
  /// The golden, from the sum of parts that cover each element once.
  [[nodiscard]] virtual std::uint64_t answer(const GoldenPart& whole) const { return whole.result; }
};

/// Null where golden() says that there is none; its Error where it has one.
[[nodiscard]] Expected<std::unique_ptr<GoldenSum>> golden_sum(const WorkKey& key);

}  // namespace rackproof
