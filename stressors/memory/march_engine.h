// SPDX-License-Identifier: Apache-2.0
// Carries out a March's order on a region, one sweep for each operation.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "stressors/memory/march_order.h"
#include "stressors/memory/tested_memory.h"

namespace rackproof {

class MarchEngine {
 public:
  /// Prepares each distinct sweep once, before the load begins.
  MarchEngine(Context& ctx, const Region& region, MarchOrder order);
  /// The whole order once. False when the step ended before the pass did.
  [[nodiscard]] bool pass();

 private:
  bool visit(const MarchVisit& visit);

  Context& ctx_;
  MarchOrder order_;
  std::map<std::pair<MarchOp::Kind, std::uint64_t>, std::unique_ptr<Prepared>> sweeps_;
};

}  // namespace rackproof
