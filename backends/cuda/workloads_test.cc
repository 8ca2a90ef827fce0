// SPDX-License-Identifier: Apache-2.0
// The back end's own code and its kernels on a fake GPU: nvcc's programs are not run here.
#include "backends/cuda/claims_for_test.h"
#include "backends/cuda/fake_gpu_for_test.h"

namespace rackproof::cuda {
namespace {

using ::testing::HasSubstr;

TEST(CudaGemm, AgreesWithTheGoldenInEveryType) { expect_products_of_all_types(gpu(), 32); }

TEST(CudaGemm, HasFp4WhereTheLibraryHas) {
  EXPECT_TRUE(has_fp4(gpu()));
  setenv("RACKPROOF_FAKE_CUBLASLT", "none", 1);
  const std::string without = refusal(gpu(), gemm_of(DType::fp4_e2m1, 64));
  unsetenv("RACKPROOF_FAKE_CUBLASLT");
  EXPECT_THAT(without, HasSubstr("has no products of fp4_e2m1 by cuBLASLt"));
  EXPECT_THAT(refusal(gpu(), gemm_of(DType::fp4_e2m1, 48)), HasSubstr("multiples of 32"));
}

TEST(CudaGemm, MultipliesByItsOwnKernelWhatCublasltDoesNotTake) {
  expect_clean_runs(gpu(), Gemm{DType::bf16, DType::fp32, 70, 33, 19, Operands::exact});
  expect_clean_runs(gpu(), Gemm{DType::fp64, DType::fp64, 70, 33, 19, Operands::error_free});
}

TEST(CudaGemm, FindsEveryKindOfFaultAtItsElement) { expect_faults_of_products_found(gpu(), 32); }

TEST(CudaGemm, NamesNoCoreForWhatCublasltComputed) {
  const auto prepared = ready(gpu(), gemm_of(DType::bf16, 64));
  const auto armed = prepared->arm({.element = 100});
  const Burst burst = prepared->run({.iterations = 1, .pattern = 1});
  ASSERT_EQ(burst.samples.size(), 1U);
  EXPECT_EQ(burst.samples[0].core, kUnknownCore);
  EXPECT_EQ(burst.cores.back().core, kUnknownCore);
  EXPECT_EQ(burst.cores.back().miscompares, 1U);
}

TEST(CudaGemm, FindsAWrongProductOfTheLibrary) {
  setenv("RACKPROOF_FAKE_CUBLASLT", "wrong", 1);
  const Gemm work = gemm_of(DType::fp32, 64);
  const RunFor how{.iterations = 2, .pattern = 1};
  const Burst burst = ready(gpu(), work)->run(how);
  unsetenv("RACKPROOF_FAKE_CUBLASLT");
  EXPECT_EQ(burst.miscompares, 3U);  // the first product too
  EXPECT_EQ(burst.samples.at(0).element, 5U);
  EXPECT_NE(burst.digest, golden_of(work, how));
}

// While it lives, the fake cuBLASLt does so.
class Asked {
 public:
  explicit Asked(const char* what) { setenv("RACKPROOF_FAKE_CUBLASLT", what, 1); }
  ~Asked() { unsetenv("RACKPROOF_FAKE_CUBLASLT"); }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;
};

// More rows than the host makes right itself: what it did make right shows each time.
TEST(CudaGemm, AGpuThatGetsNothingRightShowsItInEveryBurst) {
  const Asked nothing("nothing_right");
  const Gemm work = gemm_of(DType::fp32, 128);
  const auto prepared = ready(gpu(), work);
  for (int burst = 0; burst < 2; ++burst) {
    const RunFor how{.iterations = 2, .pattern = 1};
    const Burst found = prepared->run(how);
    EXPECT_EQ(found.miscompares, 3U * 32 * 128);  // the first product too
    EXPECT_EQ(found.samples.at(0).expected ^ found.samples.at(0).got, 1U);
    EXPECT_NE(found.digest, golden_of(work, how));
  }
}

// Else its fp32 units would pass for the matrix units.
TEST(CudaGemm, HasNoProductOfMatrixUnitsWhereTheLibraryHasNone) {
  for (const char* answer : {"none", "invalid"}) {
    const Asked none(answer);
    for (const DType type : {DType::i8, DType::fp8_e4m3, DType::fp16, DType::bf16, DType::tf32})
      EXPECT_THAT(refusal(gpu(), gemm_of(type, 64)), HasSubstr("by cuBLASLt of 64 x 64 x 64"));
    for (const DType type : {DType::fp8_e5m2, DType::fp32, DType::fp64})
      EXPECT_EQ(refusal(gpu(), gemm_of(type, 64)), "");
  }
}

// Settings of the machine, which a run's record would not show.
TEST(CudaGemm, ProductsByOtherUnitsThanThoseOfTheTypeAreRefused) {
  {
    const Asked emulates("emulates");
    EXPECT_THAT(refusal(gpu(), gemm_of(DType::fp64, 256)),
                HasSubstr("would compute products of fp64 on other units"));
    EXPECT_EQ(refusal(gpu(), gemm_of(DType::fp32, 256)), "");
  }
  const Asked without("without_tf32");
  EXPECT_THAT(refusal(gpu(), gemm_of(DType::tf32, 256)), HasSubstr("NVIDIA_TF32_OVERRIDE"));
  EXPECT_EQ(refusal(gpu(), gemm_of(DType::tf32, 64)), "");  // too small to say
}

void expect_lost_product_found(const Gemm& work) {
  const auto prepared = ready(gpu(), work);
  for (const std::uint64_t iterations : {1, 2}) {  // the last good product's sign is either
    const RunFor how{.iterations = iterations, .pattern = 1};
    EXPECT_EQ(prepared->run(how).miscompares, 0U) << describe(work);
    const Asked lose("lose");
    const Burst burst = prepared->run({.iterations = 1, .pattern = 1});
    EXPECT_GT(burst.miscompares, 64U * 64 * 9 / 10) << describe(work);
    EXPECT_EQ(burst.samples.at(0).expected == burst.samples.at(0).got, false);
  }
}

TEST(CudaGemm, AProductThatIsNotWrittenIsNotTakenForTheOneBefore) {
  for (const DType type : kTypes) {
    if (type == DType::fp8_e5m2) continue;  // by the kernel of backends/kernels
    expect_lost_product_found(gemm_of(type, 64));
    if (type != DType::i8) expect_lost_product_found(gemm_of(type, 64, Operands::random));
  }
}

TEST(CudaGemm, RefusesRandomSumsThatRoundMoreThanTheyAre) {
  for (const DType type : {DType::fp8_e4m3, DType::fp4_e2m1}) {
    EXPECT_EQ(refusal(gpu(), gemm_of(type, 384, Operands::random)), "");
    EXPECT_THAT(refusal(gpu(), gemm_of(type, 512, Operands::random)),
                HasSubstr("no sample could prove it wrong"));
  }
  Gemm deep = gemm_of(DType::bf16, 16, Operands::random);
  deep.k = 1 << 16;
  EXPECT_EQ(refusal(gpu(), deep), "");
  deep.k = 1 << 17;
  EXPECT_THAT(refusal(gpu(), deep), HasSubstr("bf16 sum up 131072 products"));
}

TEST(CudaGemm, ALibraryThatTakesNoNegativeFactorHasItsProductsSpoiltInstead) {
  setenv("RACKPROOF_FAKE_CUBLASLT", "plain", 1);
  expect_clean_runs(gpu(), gemm_of(DType::i8, 32));
  const auto prepared = ready(gpu(), gemm_of(DType::i8, 64));
  unsetenv("RACKPROOF_FAKE_CUBLASLT");
  EXPECT_EQ(prepared->run({.iterations = 3, .pattern = 1}).miscompares, 0U);
  const Asked lose("lose");
  EXPECT_GT(prepared->run({.iterations = 1, .pattern = 1}).miscompares, 64U * 64 * 9 / 10);
}

TEST(CudaGemm, ALibraryThatAddsZeroNegatesAllButZero) {
  const Asked add("add_zero");
  for (const DType type : {DType::fp4_e2m1, DType::fp8_e4m3, DType::bf16}) {
    expect_clean_runs(gpu(), gemm_of(type, 32));
    expect_clean_runs(gpu(), gemm_of(type, 32, Operands::error_free));
    expect_faults_found(gpu(), gemm_of(type, 32), FaultSite::result, 100);
  }
}

TEST(CudaMemory, IsFilledCheckedCopiedAndStreamed) { expect_memory_claims(gpu(), 1 << 20); }

TEST(CudaMemory, IsSweptByHalvesAndStripes) {
  const Region on = gpu().allocate(1 << 16);
  const MarchOp write{MarchOp::Kind::write, 0x5555}, read{MarchOp::Kind::read, 0x5555};
  const RunFor half{.iterations = 1, .pattern = 1, .address_bit = 4, .half = 1};
  (void)ready(gpu(), Sweep{on, write})->run(half);
  kernels::expect_clean(ready(gpu(), Sweep{on, read})->run(half), Sweep{on, read}, half);
  const Burst other =
      ready(gpu(), Sweep{on, read})->run({.iterations = 1, .pattern = 1, .address_bit = 4});
  EXPECT_EQ(other.miscompares, (1U << 16) / 16);
  const RunFor all{.iterations = 1, .pattern = 1};
  const Stripe own{on, MarchOp::Kind::write, 7, false, true};
  (void)ready(gpu(), own)->run(all);
  const Stripe own_read{on, MarchOp::Kind::read, 7, false, true};
  kernels::expect_clean(ready(gpu(), own_read)->run(all), own_read, all);
}

TEST(CudaMemory, GoesToTheHostAndBack) { expect_transfers(gpu(), 1 << 16); }

TEST(CudaMix, RunsOnEveryMultiprocessorAndOnOneAlone) {
  for (const MixKernel kernel : {MixKernel::fma_fp32, MixKernel::fma_fp64, MixKernel::multiply,
                                 MixKernel::copy, MixKernel::matrix})
    expect_every_core_directed(gpu(), {kernel, 3 * 512 + 100});
}

TEST(CudaMix, NamesTheMultiprocessorOfAWrongWord) {
  expect_faults_on_the_right_core(gpu(), {MixKernel::multiply, 3 * 512});
}

// The fake driver ends this process when it is asked to wait for NCCL's kernel.
TEST(CudaReduce, APeerThatIsGoneIsAnErrorAndNoHang) {
  setenv("RACKPROOF_FAKE_NCCL", "gone", 1);
  Reduce work{DType::fp32, Collective::all_reduce, 4096, 0, 2, {}};
  work.id = std::get<std::string>(gpu().collective_id());
  auto prepared = ready(gpu(), work);
  const std::string why = thrown_by([&] { (void)prepared->run({.iterations = 1, .pattern = 1}); });
  prepared.reset();  // frees memory
  unsetenv("RACKPROOF_FAKE_NCCL");
  EXPECT_EQ(why, "NCCL on cuda:0: a peer has not come (socket closed)");
}

TEST(CudaDevice, SaysWhatItIs) {
  const DeviceInfo& info = gpu(1).info();
  EXPECT_EQ(info.id, "cuda:1");
  EXPECT_EQ(info.kind, "gpu");
  EXPECT_EQ(info.name, "NVIDIA H200 of tests");
  EXPECT_EQ(info.bdf, "0000:1c:00.0");
  EXPECT_EQ(info.uuid, "GPU-10111213-1415-1617-1819-1a1b1c1d1e1f");
  EXPECT_EQ(info.driver, "CUDA 13.0");
  EXPECT_EQ(info.cores, 4U);
  EXPECT_EQ(info.memory_bytes, 600ULL << 20);
  EXPECT_EQ(info.allocatable_bytes, (600ULL << 20) / 4 * 3 - (600ULL << 20) / 256);
}

TEST(CudaDevice, GivesAsMuchMemoryAsItSaidAndTellsWhenItIsOver) {
  const Region most = gpu(1).allocate(gpu(1).info().allocatable_bytes);
  EXPECT_THAT(thrown_by([] { (void)gpu(1).allocate(64); }), HasSubstr("on cuda:1: out of memory"));
}

}  // namespace
}  // namespace rackproof::cuda
