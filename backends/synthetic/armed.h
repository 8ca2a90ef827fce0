// SPDX-License-Identifier: Apache-2.0
// A deliberate fault between the call that arms it and the one burst that it strikes.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "backends/synthetic/work.h"
#include "core/fault.h"

namespace rackproof {

/// Holds what is armed on one Prepared; safe from several threads.
class Armory {
 public:
  /// Null where the fault cannot strike this work.
  [[nodiscard]] std::unique_ptr<ArmedFault> arm(const Fault& fault, const Work& work);
  /// What the armed fault, if any, makes of this burst; it is spent then.
  [[nodiscard]] std::vector<Damage> strike(const Work& work, const RunFor& how,
                                           std::uint64_t iterations);

 private:
  struct Shot;
  class Handle;
  std::mutex mutex_;
  std::weak_ptr<Shot> armed_;
};

}  // namespace rackproof
