// SPDX-License-Identifier: Apache-2.0
// Batches of iterations, and what a fault or a mistake does within one, on a fake GPU.
#include "backends/cuda/graph.h"

#include <thread>

#include "backends/cuda/claims_for_test.h"
#include "backends/cuda/fake_gpu_for_test.h"
#include "backends/kernels/batches.h"
#include "backends/kernels/gemm_product.h"
#include "backends/kernels/words.h"

namespace rackproof::cuda {
namespace {

using kernels::Batches;
using kernels::Iteration;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

std::shared_ptr<kernels::Card> card() {
  (void)gpu();  // loads the fake
  kernels::Traits traits;
  traits.compute_units = 4;
  traits.names_cores = true;
  traits.largest_buffer_bytes = 1 << 20;
  DeviceInfo info;
  info.id = "cuda:0";
  info.allocatable_bytes = 1 << 20;
  return std::make_shared<kernels::Card>(std::make_shared<CudaDriver>(0, 4, "cuda:0"), traits,
                                         info);
}

// The words of a small region, checked again and again in batches of any length, in graphs of four.
class Checked : public testing::Test {
 protected:
  static constexpr std::uint64_t kWords = 512, kWord = 0x5555;
  static constexpr kernels::BatchLimits kLong{std::chrono::hours(1), 4, 0};

  Checked()
      : card_(card()),
        memory_(card_, kWords * 8, Place::device),
        lanes_(card_),
        checker_(lanes_),
        ledger_(lanes_, checker_.groups()),
        batches_(lanes_, kLong) {
    kernels::WordWriter(lanes_).write(memory_, kernels::Selection(kWords), kRule);
    lanes_.finish();
  }
  ~Checked() override { before_launch("", 0, nullptr); }

  std::uint64_t check(std::uint64_t iterations, bool singly = false) {
    ledger_.clear();
    const RunFor how{.iterations = iterations};
    const auto once = [this] {
      checker_.check(memory_, kernels::Selection(kWords), kRule, ledger_);
      ledger_.fold();
    };
    EXPECT_EQ(batches_.run(Pace(how), how, {.start = once, .singly = singly}), iterations);
    return ledger_.folded(iterations);
  }

  void flip(std::uint64_t word) { memory_.poke(8 * word, 8, memory_.peek(8 * word, 8) ^ 1); }

  static constexpr kernels::Rule kRule{kernels::Rule::Kind::constant, kWord};
  std::shared_ptr<kernels::Card> card_;
  kernels::Memory memory_;
  kernels::Lanes lanes_;
  kernels::WordChecker checker_;
  kernels::Ledger ledger_;
  Batches batches_;
};

std::uint64_t digest_with(std::uint64_t words, std::uint64_t word, std::uint64_t wrong) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < words; ++i) sum += digest_term(i == wrong ? word ^ 1 : word, i);
  return sum;
}

using CudaGraph = Checked;

TEST_F(CudaGraph, ArrivesAtTheDigestOfOneIterationHoweverManyThereAre) {
  const std::uint64_t right = digest_with(kWords, kWord, kWords);
  for (const std::uint64_t iterations : {1, 2, 7, 40}) {
    EXPECT_EQ(check(iterations), right) << iterations;
    EXPECT_EQ(check(iterations, true), right) << iterations;
  }
  EXPECT_EQ(ledger_.wrong(), 0U);
}

TEST_F(CudaGraph, StartsManyIterationsAtOnceAndTheRestOneByOne) {
  const long before = graph_launches();
  (void)check(1 + 4 * 3 + 2);
  EXPECT_EQ(graph_launches() - before, 3);
  (void)check(40, true);
  EXPECT_EQ(graph_launches() - before, 3);
}

TEST_F(CudaGraph, CountsAWordFromTheIterationOnInWhichItChanged) {
  before_launch("check_words", 11, [this](auto*) { flip(100); });
  DigestFold expected;
  for (int i = 0; i < 41; ++i) expected.add(digest_with(kWords, kWord, i < 10 ? kWords : 100));
  EXPECT_EQ(check(41), expected.value());
  EXPECT_EQ(ledger_.wrong(), 31U);
}

TEST_F(CudaGraph, SeesAWordThatWasWrongInOneIterationInTheMidstOfAGraphOnly) {
  before_launch("check_words", 11, [this](auto*) {
    flip(100);
    before_launch("check_words", 1, [this](auto*) { flip(100); });
  });
  DigestFold expected;
  for (int i = 0; i < 41; ++i) expected.add(digest_with(kWords, kWord, i == 10 ? 100 : kWords));
  EXPECT_EQ(check(41), expected.value());
  Burst burst;
  ledger_.write_to(burst);
  EXPECT_EQ(burst.miscompares, 1U);
  ASSERT_EQ(burst.samples.size(), 1U);
  EXPECT_EQ(burst.samples[0].element, 100U);
}

TEST_F(CudaGraph, ThatDidNothingIsAFinding) {
  lose_graphs(true);
  const std::uint64_t digest = check(41);
  lose_graphs(false);
  EXPECT_NE(digest, digest_with(kWords, kWord, kWords));
  Burst burst;
  ledger_.write_to(burst);
  EXPECT_EQ(burst.miscompares, 1U);
  EXPECT_EQ(burst.samples.at(0).expected, 41U);
  EXPECT_EQ(burst.samples.at(0).got, 1U);
}

// What a pass leaves behind is what the pass before the last left: only its count can tell.
TEST_F(CudaGraph, WhosePassesOfATriadDidNotHappenIsAFinding) {
  const auto region = [] { return gpu().allocate(4096); };
  const auto prepared = ready(gpu(), Triad{.a = region(), .b = region(), .c = region()});
  const auto run = [&] {
    return prepared->run({.until = Clock::now() + milliseconds(60), .pattern = 7});
  };
  EXPECT_EQ(run().miscompares, 0U);
  const long before = graph_launches();
  EXPECT_EQ(run().miscompares, 0U);
  ASSERT_GT(graph_launches(), before);
  lose_graphs(true);
  const Burst burst = run();
  lose_graphs(false);
  ASSERT_EQ(burst.miscompares, 1U);
  EXPECT_LT(burst.samples.at(0).got, burst.samples.at(0).expected);
}

TEST_F(CudaGraph, IsMadeAnewForOtherDataAndKeptForTheSame) {
  int made = 0;
  const Iteration counted{.start = [&] { ++made; }};
  for (const std::uint64_t pattern : {1, 1, 2}) {
    const RunFor how{.iterations = 9, .pattern = pattern};
    EXPECT_EQ(batches_.run(Pace(how), how, counted), 9U);
  }
  EXPECT_EQ(made, 3 + 2 * 4);  // the first of each burst, and four for each recording
}

TEST_F(CudaGraph, OfWorkThatAlternatesBeginsInTheStateThatItWasMadeIn) {
  std::uint64_t state = 0;
  std::vector<std::uint64_t> made_in;
  const Iteration alternating{.start = [&] { state ^= 1; },
                              .state =
                                  [&] {
                                    made_in.push_back(state);
                                    return state;
                                  }};
  const long before = graph_launches();
  const RunFor how{.iterations = 9};
  for (int burst = 0; burst < 2; ++burst) (void)batches_.run(Pace(how), how, alternating);
  EXPECT_EQ(graph_launches() - before, 4);
  EXPECT_EQ(made_in, (std::vector<std::uint64_t>{1, 0}));
}

TEST_F(CudaGraph, EndsABurstLateByABatchAtMost) {
  Batches batches(lanes_, {.longest = milliseconds(4)});
  const RunFor how{.until = Clock::now() + milliseconds(20)};
  int late = 0;
  const Iteration slow{.start = [&] {
    late += Clock::now() > how.until ? 1 : 0;
    std::this_thread::sleep_for(milliseconds(1));
  }};
  EXPECT_GT(batches.run(Pace(how), how, slow), 0U);
  EXPECT_LE(late, 4);
}

TEST_F(CudaGraph, RefusesWorkThatWaitsOrAllocatesAndTheQueueGoesOn) {
  kernels::Driver& driver = card_->driver();
  const kernels::Queue queue = lanes_.queue();
  const auto refused = [&](const std::function<void()>& work) {
    return thrown_by([&] { (void)driver.record(queue, work); });
  };
  EXPECT_THAT(refused([&] { driver.finish(queue); }),
              HasSubstr("cuStreamSynchronize on cuda:0: CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"));
  EXPECT_THAT(refused([&] { (void)driver.allocate(64); }),
              HasSubstr("cuMemAlloc(64 B) on cuda:0: CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"));
  EXPECT_THAT(refused([&] { driver.zero(nullptr, memory_.buffer(), 8); }),
              HasSubstr("cuMemsetD8Async(8 B) on cuda:0: CUDA_ERROR_STREAM_CAPTURE_IMPLICIT"));
  EXPECT_THAT(refused([&] { (void)thrown_by([&] { driver.finish(queue); }); }),
              HasSubstr("cuStreamEndCapture on cuda:0: CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"));
  EXPECT_EQ(check(9), digest_with(kWords, kWord, kWords));
}

TEST_F(CudaGraph, OfWorkThatCannotBeCapturedIsDoneWithout) {
  int made = 0;
  const Iteration waiting{.start = [&] {
    ++made;
    card_->driver().finish(lanes_.queue());
  }};
  const long before = graph_launches();
  const RunFor how{.iterations = 9};
  for (int burst = 0; burst < 2; ++burst) EXPECT_EQ(batches_.run(Pace(how), how, waiting), 9U);
  EXPECT_EQ(graph_launches() - before, 0);
  EXPECT_EQ(made, 18 + 1);  // and the one that was refused
}

TEST_F(CudaGraph, ThatIsRefusedInTheMidstOfAlternatingWorkIsAnErrorAndNoFinding) {
  std::uint64_t state = 0;
  int made = 0;  // one by itself, then those of the recording, whose second is refused
  const Iteration alternating{.start =
                                  [&] {
                                    if (++made == 3) card_->driver().finish(lanes_.queue());
                                    state ^= 1;
                                  },
                              .state = [&] { return state; }};
  const RunFor how{.iterations = 9};
  EXPECT_THAT(thrown_by([&] { (void)batches_.run(Pace(how), how, alternating); }),
              HasSubstr("cuStreamSynchronize"));
}

TEST(CudaBatches, OfAllWorkAreCleanAndShowAFault) { expect_long_bursts_of_all_work(gpu()); }

TEST(CudaBatches, OfProductsFindAWrongElementInTheMidst) {
  const Gemm work = gemm_of(DType::bf16, 32);
  const auto prepared = ready(gpu(), work);
  for (const std::uint64_t iterations : {1, 2, 7, 40}) {
    const RunFor how{.iterations = iterations, .pattern = 7};
    kernels::expect_clean(prepared->run(how), work, how);
  }
  const RunFor how{.iterations = 9, .pattern = 7};
  before_launch("compare", 6, [](const std::uint64_t* arguments) {
    reinterpret_cast<std::uint32_t*>(arguments[0])[40] ^= 4;
  });
  const Burst burst = prepared->run(how);
  before_launch("", 0, nullptr);
  EXPECT_EQ(burst.miscompares, 1U);
  EXPECT_EQ(burst.samples.at(0).element, 40U);
  EXPECT_NE(burst.digest, golden_of(work, how));
}

// By cuBLASLt and by our own kernel; signs alternate, so that half a graph would be wrong.
TEST_F(CudaGraph, MultipliesAndComparesAsSingleIterationsDo) {
  for (const std::uint64_t size : {32, 33}) {
    kernels::Problem problem;
    problem.m = problem.n = problem.k = size;
    problem.in = DType::bf16;
    problem.acc = DType::fp32;
    problem.operands = Operands::exact;
    problem.bound = exact_bound(problem.in, problem.acc, static_cast<std::int64_t>(size));
    kernels::Product product(card_, lanes_, problem);
    kernels::Ledger ledger(lanes_, product.groups());
    const kernels::Memory right(card_, product.memory()->size_bytes(), Place::device);
    product.settle();
    product.place_operands(7);
    product.multiply();
    product.copy_to(right);
    product.digest(right, ledger);
    const std::uint64_t digest = ledger.take_digest();
    const auto multiply = [&] {
      product.multiply();
      product.compare(right, ledger);
      ledger.fold();
    };
    const auto sign = [&] { return static_cast<std::uint64_t>(product.sign()); };
    const long before = graph_launches();
    const RunFor how{.iterations = 40, .pattern = size};
    (void)batches_.run(Pace(how), how, {multiply, sign});
    EXPECT_EQ(graph_launches() - before, 9) << size;
    EXPECT_EQ(ledger.folded(40), digest) << size;
    EXPECT_EQ(ledger.wrong(), 0U) << size;
  }
}

TEST(CudaBatches, OfAMixLeaveOutACopyThatALaunchBroughtNoWorkFor) {
  const Mix work{MixKernel::multiply, 3 * 512};
  const auto prepared = ready(gpu(), work);
  const RunFor how{.iterations = 9, .pattern = 7};
  before_launch("mix_check", 5, [](const std::uint64_t* arguments) {
    reinterpret_cast<std::uint32_t*>(arguments[5])[1] = 2;  // of three blocks
  });
  const Burst burst = prepared->run(how);
  before_launch("", 0, nullptr);
  kernels::expect_clean(burst, work, how);
  EXPECT_EQ(burst.bytes, 8.0 * 3 * 512 * (9 * 4 - 1));
  for (const CoreTally& core : burst.cores)
    EXPECT_EQ(core.iterations, core.core == 1 ? 3U * 8 : 3U * 9) << core.core;
}

TEST(CudaBatches, OfAMixFindAWordOnItsMultiprocessorInAnyIteration) {
  const Mix work{MixKernel::fma_fp32, 3 * 512};
  const auto prepared = ready(gpu(), work);
  const RunFor how{.iterations = 9, .pattern = 7};
  before_launch("mix_check", 6, [](const std::uint64_t* arguments) {
    reinterpret_cast<std::uint64_t*>(arguments[0])[2 * 3 * 512 + 40] ^= 4;
  });
  const Burst burst = prepared->run(how);
  before_launch("", 0, nullptr);
  EXPECT_EQ(burst.miscompares, 1U);
  EXPECT_EQ(burst.samples.at(0).core, 2U);
  EXPECT_EQ(burst.samples.at(0).element, 40U);
  EXPECT_NE(burst.digest, golden_of(work, how));
}

TEST(CudaBatches, OfATriadFindAnElementInAnyPass) {
  const Region a = gpu().allocate(4096), b = gpu().allocate(4096), c = gpu().allocate(4096);
  const Triad work{a, b, c, DType::fp64};
  const auto prepared = ready(gpu(), work);
  for (const std::uint64_t iterations : {1, 2, 7}) {
    const RunFor how{.iterations = iterations, .pattern = 7};
    kernels::expect_clean(prepared->run(how), work, how);
  }
  before_launch("triad_pass", 4, [](const std::uint64_t* arguments) {
    for (int array = 0; array < 2; ++array)
      reinterpret_cast<std::uint64_t*>(arguments[array])[17] ^= 4;
  });
  const Burst burst = prepared->run({.iterations = 9, .pattern = 7});
  before_launch("", 0, nullptr);
  EXPECT_GE(burst.miscompares, 1U);
  EXPECT_EQ(burst.samples.at(0).element, 17U);
}

}  // namespace
}  // namespace rackproof::cuda
