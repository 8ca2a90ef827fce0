// SPDX-License-Identifier: Apache-2.0
#include "runner/goldens.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <future>
#include <new>

namespace rackproof {
namespace {

const Golden& finished(const Goldens& goldens, const std::shared_ptr<const Golden>& golden) {
  while (!golden->ready) {
    pollfd wake{goldens.wake_fd(), POLLIN, 0};
    ::poll(&wake, 1, 1000);
    goldens.acknowledge();
  }
  return *golden;
}

// Which pieces were computed, in order, by the sizes of what they are of; none before open().
class Work {
 public:
  void open() { opened_.set_value(); }
  void wait() const { gate_.wait(); }
  void note(std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    order_.push_back(size);
  }
  [[nodiscard]] std::vector<std::uint64_t> order() const {
    const std::lock_guard lock(mutex_);
    return order_;
  }

 private:
  std::promise<void> opened_;
  std::shared_future<void> gate_ = opened_.get_future().share();
  mutable std::mutex mutex_;
  std::vector<std::uint64_t> order_;
};

constexpr std::uint64_t kBad = 13;

// The sum of the whole numbers below `size`, each of them a piece; kBad has no memory for its last.
class Numbers final : public GoldenSum {
 public:
  Numbers(std::uint64_t size, Work& work) : size_(size), work_(work) {}
  [[nodiscard]] std::uint64_t elements() const override { return size_; }
  [[nodiscard]] double element_cost() const override { return 1e9; }
  [[nodiscard]] GoldenPart part(std::uint64_t first, std::uint64_t last) const override {
    work_.wait();
    work_.note(size_);
    if (size_ == kBad && last == kBad) throw std::bad_alloc();
    EXPECT_EQ(last, first + 1);
    return {first, 0};
  }

 private:
  std::uint64_t size_;
  Work& work_;
};

Goldens::Cut numbers(Work& work) {
  return [&work](const WorkKey& key) -> Expected<std::unique_ptr<GoldenSum>> {
    return std::make_unique<Numbers>(key.pattern, work);
  };
}

TEST(Goldens, AnswersAsTheOracleDoes) {
  Goldens goldens(3);
  for (const char* work :
       {"copy 4096", "copy 100000000", "triad fp64 80000008", "sweep 4096 read 0000000000000005",
        "mix aes 100", "gemm int8 int32 2000 300 4000 exact",
        "gemm fp32 fp32 3000 300 500 error_free"}) {
    const WorkKey key{work, 42};
    EXPECT_EQ(finished(goldens, goldens.request(key)).answer.value(), golden(key).value()) << work;
  }
}

TEST(Goldens, ComputesEachAnswerOnce) {
  Goldens goldens;
  const auto first = goldens.request({"copy 4096", 1});
  EXPECT_EQ(first, goldens.request({"copy 4096", 1}));
  EXPECT_NE(first, goldens.request({"copy 4096", 2}));
}

TEST(Goldens, SaysWhatWorkItDoesNotKnow) {
  Goldens goldens;
  const Golden& answer = finished(goldens, goldens.request({"perpetual motion"}));
  EXPECT_EQ(answer.answer.error().message, "unknown work 'perpetual motion'");
}

TEST(Goldens, HasNoneForWhatReadsNothing) {
  Goldens goldens;
  const auto answer = goldens.request({"fill 4096"});
  ASSERT_TRUE(answer->ready);
  EXPECT_EQ(answer->answer.value(), std::nullopt);
}

TEST(Goldens, AddsUpThePiecesOfAllThreads) {
  Work work;
  work.open();
  Goldens goldens(4, numbers(work));
  EXPECT_EQ(finished(goldens, goldens.request({"", 1000})).answer.value(), 999 * 500);
}

TEST(Goldens, LetsNoneWaitBehindAHugeOneNorItForEver) {
  Work work;
  Goldens goldens(1, numbers(work));
  std::vector<std::shared_ptr<const Golden>> all{goldens.request({"", 3000})};
  for (std::uint64_t size = 1; size <= 5; ++size) all.push_back(goldens.request({"", size}));
  work.open();
  for (const auto& golden : all) finished(goldens, golden);
  const auto order = work.order();
  const auto last_small = std::find_if(order.rbegin(), order.rend(), [](auto s) { return s < 6; });
  EXPECT_LE(order.rend() - last_small, 2 * (1 + 2 + 3 + 4 + 5) + 1);
  EXPECT_GE(std::count(order.begin(), last_small.base(), 3000), 1 + 2 + 3 + 4 + 5 - 1);
}

TEST(Goldens, SaysThatThereWasNoMemoryAndGoesOn) {
  Work work;
  work.open();
  Goldens goldens(2, numbers(work));
  const auto bad = goldens.request({"", kBad}), good = goldens.request({"", 4});
  EXPECT_EQ(finished(goldens, bad).answer.error().message, "no golden: std::bad_alloc");
  EXPECT_EQ(finished(goldens, good).answer.value(), 6);
}

TEST(Goldens, LeavesWhatIsNotBegunWhenItEnds) {
  Work work;
  {
    const auto kept = std::make_unique<Goldens>(2, numbers(work));
    (void)kept->request({"", 1'000'000'000});
    work.open();
  }
  EXPECT_LT(work.order().size(), 1'000'000'000);
}

TEST(GoldenThreads, AreAtLeastOneAndNoMoreThanTheCpuHas) {
  EXPECT_GE(golden_threads(), 1);
  EXPECT_LE(golden_threads(), std::max(1U, std::thread::hardware_concurrency()));
}

TEST(GoldenThreads, AreLessImportantThanTheOneThatAsks) {
  struct Priority final : GoldenSum {
    [[nodiscard]] std::uint64_t elements() const override { return 1; }
    [[nodiscard]] GoldenPart part(std::uint64_t, std::uint64_t) const override {
      return {static_cast<std::uint64_t>(::getpriority(PRIO_PROCESS, 0)), 0};
    }
  };
  Goldens goldens(1, [](const WorkKey&) { return std::make_unique<Priority>(); });
  const auto here = static_cast<std::uint64_t>(::getpriority(PRIO_PROCESS, 0));
  EXPECT_EQ(*finished(goldens, goldens.request({})).answer.value(),
            std::min<std::uint64_t>(here + 10, 19));
}

TEST(GoldenCost, GrowsWithTheWork) {
  EXPECT_EQ(golden_cost({"copy 4096"}), 512);
  EXPECT_EQ(golden_cost({"triad fp64 4096"}), 512);
  EXPECT_EQ(golden_cost({"gemm int8 int32 2 3 4 exact"}), 2 * 4 + 4 * 3 + 2 * 3);
  EXPECT_EQ(golden_cost({"perpetual motion"}), 0);
  // A closed form, however much memory a host has.
  EXPECT_EQ(golden_cost({"sweep 4398046511104 read 0000000000000000"}), 1);
}

}  // namespace
}  // namespace rackproof
