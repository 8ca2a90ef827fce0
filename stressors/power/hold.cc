// SPDX-License-Identifier: Apache-2.0
// stressors/power/hold.cc: the highest load that can be sustained: products of full mantissas that
// stay in the caches, so that the arithmetic units never wait.
#include <array>

#include "core/context.h"
#include "stressors/compute/square_gemm.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 8> kTypes{"fp32", "fp64",     "fp16",     "bf16",
                                                 "tf32", "fp8_e4m3", "fp8_e5m2", "fp4_e2m1"};

constexpr Param kSize{"size", 384, 16, 16384,
                      "rows and columns of the result; small enough for the caches"};
constexpr Choice kDType{"dtype", kTypes, "type of the operands; fp64 sums in fp64, others in fp32"};
constexpr Metric kThroughput{"throughput", Unit::flops, "operations, two per product and sum",
                             "gemm.{dtype}"};
constexpr Metric kMiscompares{"miscompares", Unit::count,
                              "elements that differ between repetitions or from sampled rows"};

void hold(Context& ctx) {
  const DType type = dtype_from_name(ctx[kDType]).value();
  const auto prepared = ctx.prepare(square_gemm(type, ctx[kSize], Operands::random, ctx[kDepth]));
  while (ctx.running()) {
    const Burst burst = prepared->run(ctx.burst());
    ctx.record(kThroughput, burst.flops_per_second());
    ctx.record(kMiscompares, static_cast<double>(burst.miscompares));
  }
}

RACKPROOF_STRESSOR(hold, {.name = "power.hold",
                          .summary = "highest sustained load, every element checked",
                          .subsystem = Subsystem::power,
                          .metrics = {kThroughput, kMiscompares},
                          .params = {kSize, kDepth, kDType},
                          .run = hold,
                          .drill_sites = {FaultSite::result, FaultSite::operand},
                          .drill_params = {{"size", "192"}, {"depth", "size"}}});

}  // namespace
}  // namespace rackproof
