// SPDX-License-Identifier: Apache-2.0
// Registers a stressor of its own and computes a golden, with nothing but the installed package.
#include <cstdio>

#include "core/context.h"
#include "core/oracle.h"
#include "core/stressor.h"

namespace {

constexpr rackproof::Metric kCount{"count", rackproof::Unit::count, "times around"};

void nothing(rackproof::Context& context) { context.record(kCount, 1); }
RACKPROOF_STRESSOR(nothing, {.name = "outside.nothing", .summary = "shows that a stressor can live outside the tree", .metrics = {kCount}, .run = nothing});

}  // namespace

int main() {
  const auto golden = rackproof::golden({"copy 512", 1});
  const bool works = rackproof::find_stressor("outside.nothing") != nullptr && golden && golden->has_value();
  std::puts(works ? "consumer works" : "consumer broken");
  return works ? 0 : 1;
}
