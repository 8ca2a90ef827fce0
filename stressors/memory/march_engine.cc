// SPDX-License-Identifier: Apache-2.0
#include "stressors/memory/march_engine.h"

#include <algorithm>

namespace rackproof {

MarchEngine::MarchEngine(Context& ctx, const Region& region, MarchOrder order)
    : ctx_(ctx), order_(std::move(order)) {
  for (const MarchVisit& visit : order_) {
    for (const MarchStep step : visit.element.steps) {
      const MarchOp op = operation(step, visit.background);
      std::unique_ptr<Prepared>& sweep = sweeps_[{op.kind, op.word}];
      if (!sweep) sweep = ctx.prepare(Sweep{.on = region, .op = op});
    }
  }
}

bool MarchEngine::pass() {
  return std::all_of(order_.begin(), order_.end(),
                     [this](const MarchVisit& next) { return visit(next); });
}

bool MarchEngine::visit(const MarchVisit& visit) {
  const auto& steps = visit.element.steps;
  return std::all_of(steps.begin(), steps.end(), [&](MarchStep step) {
    const MarchOp op = operation(step, visit.background);
    return swept(ctx_, *sweeps_.at({op.kind, op.word}), ctx_.sweep(visit.address_bit, visit.half));
  });
}

}  // namespace rackproof
