// SPDX-License-Identifier: Apache-2.0
// For tests: the claims of backends/cuda, on a fake GPU in unit tests and on a real one in
// tests_hw.
#pragma once

#include <chrono>

#include "backends/kernels/claims_for_test.h"

namespace rackproof::cuda {

using kernels::expect_clean_runs;
using kernels::expect_faults_found;
using kernels::golden_of;
using kernels::ready;
using kernels::refusal;
using kernels::thrown_by;

inline constexpr DType kTypes[] = {DType::i8,   DType::fp8_e4m3, DType::fp8_e5m2,
                                   DType::fp16, DType::bf16,     DType::tf32,
                                   DType::fp32, DType::fp64,     DType::fp4_e2m1};

inline Gemm gemm_of(DType type, std::int64_t size, Operands operands = Operands::exact) {
  const DType acc = type == DType::i8     ? DType::i32
                    : type == DType::fp64 ? DType::fp64
                                          : DType::fp32;
  return {type, acc, size, size, size, operands};
}

/// Chips before Blackwell have none.
inline bool has_fp4(Device& gpu) {
  return std::holds_alternative<std::unique_ptr<Prepared>>(
      gpu.prepare(gemm_of(DType::fp4_e2m1, 32)));
}

/// Of data that only the device's own first product is the measure of.
inline void expect_same_again(Device& gpu, const Workload& work) {
  const RunFor how{.iterations = 3, .pattern = 4, .sample = 5};
  const auto prepared = ready(gpu, work);
  const Burst first = prepared->run(how), second = prepared->run(how);
  EXPECT_EQ(first.miscompares + second.miscompares, 0U) << describe(work);
  EXPECT_EQ(first.digest, second.digest) << describe(work);
}

/// Bursts by time, each long enough for graphs where iterations are short, one after the other on
/// the same data and on other; then a fault, which is found. `site`: where `work` can be struck.
inline void expect_long_bursts(Device& gpu, const Workload& work, FaultSite site) {
  const auto prepared = ready(gpu, work);
  for (const std::uint64_t pattern : {7, 7, 8}) {
    const RunFor how{.until = Clock::now() + std::chrono::milliseconds(60), .pattern = pattern};
    const Burst burst = prepared->run(how);
    kernels::expect_clean(burst, work, how);
    EXPECT_GT(burst.iterations, 0U) << describe(work);
  }
  const RunFor how{.until = Clock::now() + std::chrono::milliseconds(20), .pattern = 8};
  const auto armed = prepared->arm({.site = site, .element = 100});
  const Burst struck = prepared->run(how);
  ASSERT_EQ(armed->activations().size(), 1U) << describe(work);
  EXPECT_GT(struck.miscompares, 0U) << describe(work);
  if (std::holds_alternative<Triad>(work)) return;  // its digest is of what is there in the end
  EXPECT_NE(struck.digest, golden_of(work, how)) << describe(work);
}

inline void expect_long_bursts_of_all_work(Device& gpu) {
  const Region a = gpu.allocate(1 << 14), b = gpu.allocate(1 << 14), c = gpu.allocate(1 << 14);
  expect_long_bursts(gpu, Triad{a, b, c, DType::fp64}, FaultSite::memory);
  expect_long_bursts(gpu, Mix{MixKernel::multiply, 512}, FaultSite::result);
  expect_long_bursts(gpu, gemm_of(DType::bf16, 32), FaultSite::result);  // cuBLASLt
  expect_long_bursts(gpu, gemm_of(DType::bf16, 33), FaultSite::result);  // our own kernel
  const MarchOp zeros{MarchOp::Kind::write, 0}, read{MarchOp::Kind::read, 0};
  const RunFor burst{.until = Clock::now() + std::chrono::milliseconds(60), .pattern = 7};
  (void)ready(gpu, Sweep{a, zeros})->run(burst);
  expect_long_bursts(gpu, Sweep{a, read}, FaultSite::memory);
}

inline void expect_products_of_all_types(Device& gpu, std::int64_t size) {
  for (const DType type : kTypes) {
    if (type == DType::fp4_e2m1 && !has_fp4(gpu)) continue;
    expect_clean_runs(gpu, gemm_of(type, size));
    if (type == DType::i8) continue;
    expect_clean_runs(gpu, gemm_of(type, size, Operands::error_free));
    expect_same_again(gpu, gemm_of(type, size, Operands::random));
  }
}

inline void expect_faults_of_products_found(Device& gpu, std::int64_t size) {
  const auto elements = static_cast<std::uint64_t>(size * size);
  for (const DType type : kTypes) {
    if (type == DType::fp4_e2m1 && !has_fp4(gpu)) continue;
    expect_faults_found(gpu, gemm_of(type, size), FaultSite::result, elements / 3 + 5);
    expect_faults_found(gpu, gemm_of(type, size), FaultSite::operand, 7);
    expect_faults_found(gpu, gemm_of(type, size), FaultSite::operand, elements + elements / 2 + 3);
  }
}

inline void expect_memory_claims(Device& gpu, std::uint64_t bytes) {
  const Region a = gpu.allocate(bytes), b = gpu.allocate(bytes), c = gpu.allocate(bytes);
  const RunFor how{.iterations = 1, .pattern = 5};
  (void)ready(gpu, Fill{a})->run(how);
  const auto check = ready(gpu, Check{a});
  kernels::expect_clean(check->run(how), Check{a}, how);
  expect_clean_runs(gpu, Triad{a, b, c, DType::fp64});
  expect_clean_runs(gpu, Copy{a, b});
  expect_faults_found(gpu, Copy{a, b}, FaultSite::transfer, bytes / 16 + 3);
  const auto armed = check->arm({.site = FaultSite::memory, .element = bytes / 8 - 1});
  (void)ready(gpu, Fill{a})->run(how);
  const Burst burst = check->run(how);
  kernels::expect_found(burst, *armed, "a flipped bit of memory");
}

inline void expect_transfers(Device& gpu, std::uint64_t bytes) {
  const Region there = gpu.allocate(bytes);
  for (const Place place : {Place::host, Place::pageable}) {
    const Region here = gpu.allocate(bytes, place);
    expect_clean_runs(gpu, Copy{here, there});
    expect_clean_runs(gpu, Copy{there, here});
    expect_faults_found(gpu, Copy{here, there}, FaultSite::transfer, 9);
    expect_faults_found(gpu, Copy{there, here}, FaultSite::transfer, 9);
  }
}

/// Every multiprocessor by itself, and one alone.
inline void expect_every_core_directed(Device& gpu, const Mix& work) {
  const auto prepared = ready(gpu, work);
  const RunFor all{.iterations = 2, .pattern = 7};
  const Burst burst = prepared->run(all);
  kernels::expect_clean(burst, work, all);
  ASSERT_EQ(burst.cores.size(), gpu.info().cores);
  for (const CoreTally& core : burst.cores) EXPECT_GT(core.iterations, 0U) << core.core;
  const std::uint32_t last = gpu.info().cores - 1;
  const RunFor one{.iterations = 1, .pattern = 7, .core = static_cast<int>(last)};
  const Burst alone = prepared->run(one);
  kernels::expect_clean(alone, work, one);
  for (const CoreTally& core : alone.cores)
    EXPECT_EQ(core.iterations > 0, core.core == last) << core.core;
}

/// A wrong word is put on the multiprocessor that made it.
inline void expect_faults_on_the_right_core(Device& gpu, const Mix& work) {
  const auto prepared = ready(gpu, work);
  const std::uint32_t last = gpu.info().cores - 1;
  const RunFor one{.iterations = 1, .pattern = 7, .core = static_cast<int>(last)};
  const auto armed = prepared->arm({.element = work.words / 2});
  const Burst burst = prepared->run(one);
  ASSERT_EQ(armed->activations().size(), 1U);
  ASSERT_EQ(burst.samples.size(), 1U);
  EXPECT_EQ(burst.samples[0].core, last);
  EXPECT_EQ(burst.cores[last].miscompares, 1U);
}

}  // namespace rackproof::cuda
