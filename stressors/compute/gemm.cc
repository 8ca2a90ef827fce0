// SPDX-License-Identifier: Apache-2.0
// stressors/compute/gemm.cc: keeps the arithmetic units busy with c = a * b and checks every
// element.
#include <array>

#include "core/context.h"
#include "stressors/compute/square_gemm.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 9> kTypes{"int8", "fp32",     "fp64",     "fp16",    "bf16",
                                                 "tf32", "fp8_e4m3", "fp8_e5m2", "fp4_e2m1"};
constexpr std::array<std::string_view, 3> kOperandWords{"exact", "error_free", "random"};

constexpr Param kSize{"size", 1024, 16, 65536, "rows and columns of the result"};
constexpr Choice kDType{"dtype", kTypes,
                        "type of the operands; int8 sums in int32, fp64 in fp64, others in fp32"};
constexpr Choice kOperands{"operands", kOperandWords,
                           "exact integers, error-free products, or full-mantissa random numbers"};
constexpr Metric kThroughput{"throughput", Unit::flops, "operations, two per product and sum",
                             "gemm.{dtype}"};
constexpr Metric kMiscompares{"miscompares", Unit::count,
                              "elements that differ from the exact answer"};

void gemm(Context& ctx) {
  const DType type = dtype_from_name(ctx[kDType]).value();
  const Operands operands = operands_from_name(ctx[kOperands]).value();
  const auto prepared = ctx.prepare(square_gemm(type, ctx[kSize], operands, ctx[kDepth]));
  while (ctx.running()) {
    const Burst burst = prepared->run(ctx.burst());
    ctx.record(kThroughput, burst.flops_per_second());
    ctx.record(kMiscompares, static_cast<double>(burst.miscompares));
  }
}

RACKPROOF_STRESSOR(gemm, {.name = "compute.gemm",
                          .summary = "dense matrix product, every element checked",
                          .subsystem = Subsystem::compute,
                          .metrics = {kThroughput, kMiscompares},
                          .params = {kSize, kDepth, kDType, kOperands},
                          .run = gemm,
                          .drill_sites = {FaultSite::result, FaultSite::operand},
                          .drill_params = {{"size", "192"}, {"depth", "size"}}});

}  // namespace
}  // namespace rackproof
