// SPDX-License-Identifier: Apache-2.0
// The claims of backends/cuda on this machine's first real GPU; skipped, with the reason, where
// there is none. scripts/hw-cuda runs it, under compute-sanitizer too.
#include <cstdlib>

#include "backends/cuda/claims_for_test.h"
#include "backends/cuda/discovery.h"

namespace rackproof::cuda {
namespace {

// The program under compute-sanitizer takes some hundred times as long.
bool briefly() { return std::getenv("RACKPROOF_HW_BRIEF") != nullptr; }

struct Found {
  std::vector<std::unique_ptr<Device>> devices;
  std::string reason;
};

const Found& found() {
  static const Found once = [] {
    Found all;
    try {
      all.devices = find_devices("/");
    } catch (const Absent& absent) {
      all.reason = absent.reason;
    }
    return all;
  }();
  return once;
}

// A driver that fails is no reason to skip: it is thrown.
class OnGpu : public testing::Test {
 protected:
  void SetUp() override {
    if (found().devices.empty()) GTEST_SKIP() << "no NVIDIA GPU: " << found().reason;
  }
  [[nodiscard]] static Device& gpu() { return *found().devices[0]; }
};

TEST_F(OnGpu, SaysWhatItIs) {
  const DeviceInfo& info = gpu().info();
  EXPECT_EQ(info.kind, "gpu");
  EXPECT_FALSE(info.name.empty());
  EXPECT_EQ(info.uuid.rfind("GPU-", 0), 0U) << info.uuid;
  EXPECT_GT(info.cores, 0U);
  EXPECT_GT(info.allocatable_bytes, info.memory_bytes / 100 * 97);
}

TEST_F(OnGpu, ProductsAgreeWithTheCpusGoldensInEveryType) {
  for (const std::int64_t size : {64, 512, 2048}) {
    if (briefly() && size > 64) break;
    expect_products_of_all_types(gpu(), size);
  }
}

TEST_F(OnGpu, ProductsOfOddSizesAgreeToo) {
  expect_clean_runs(gpu(), Gemm{DType::bf16, DType::fp32, 70, 33, 19, Operands::exact});
  expect_clean_runs(gpu(), Gemm{DType::fp64, DType::fp64, 70, 33, 19, Operands::error_free});
}

TEST_F(OnGpu, FaultsOfProductsAreFoundAtTheirElements) {
  expect_faults_of_products_found(gpu(), briefly() ? 64 : 512);
}

TEST_F(OnGpu, MemoryIsFilledCheckedCopiedAndStreamed) {
  expect_memory_claims(gpu(), briefly() ? 1 << 20 : 1 << 28);
}

TEST_F(OnGpu, MemoryGoesToTheHostAndBack) {
  expect_transfers(gpu(), briefly() ? 1 << 16 : 1 << 26);
}

TEST_F(OnGpu, AllOfTheMemoryIsHadInOnePieceAndChecked) {
  if (briefly()) GTEST_SKIP() << "too long here";
  const Region all = gpu().allocate(gpu().info().allocatable_bytes);
  const MarchOp write{MarchOp::Kind::write, 0xaaaaaaaaaaaaaaaa},
      read{MarchOp::Kind::read, 0xaaaaaaaaaaaaaaaa};
  const RunFor how{.iterations = 1, .pattern = 1};
  (void)ready(gpu(), Sweep{all, write})->run(how);
  const auto sweep = ready(gpu(), Sweep{all, read});
  kernels::expect_clean(sweep->run(how), Sweep{all, read}, how);
  const auto armed = sweep->arm({.site = FaultSite::memory, .element = all.words() - 1});
  const Burst burst = sweep->run(how);
  ASSERT_EQ(burst.miscompares, 1U);
  EXPECT_EQ(burst.samples[0].element, all.words() - 1);
}

TEST_F(OnGpu, LongBurstsAreCleanAndShowAFault) { expect_long_bursts_of_all_work(gpu()); }

TEST_F(OnGpu, EveryMultiprocessorComputesByItselfAndOneAlone) {
  for (const MixKernel kernel : {MixKernel::fma_fp32, MixKernel::fma_fp64, MixKernel::multiply,
                                 MixKernel::copy, MixKernel::matrix})
    expect_every_core_directed(gpu(), {kernel, 8 * 512 + 100});
}

TEST_F(OnGpu, AWrongWordIsPutOnItsMultiprocessor) {
  for (const MixKernel kernel : {MixKernel::multiply, MixKernel::matrix})
    expect_faults_on_the_right_core(gpu(), {kernel, 8 * 512});
}

}  // namespace
}  // namespace rackproof::cuda
