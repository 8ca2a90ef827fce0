// SPDX-License-Identifier: Apache-2.0
#include "core/mix.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "stressors/recorded_step.h"

namespace rackproof {
namespace {

using std::chrono::milliseconds;

StepSettings mix_step(std::map<std::string, std::string> params = {}) {
  params.try_emplace("words", "512");
  StepSettings step = short_step("compute.mix", std::move(params));
  step.burst_s = 0.001;
  return step;
}

StepSettings one_pass(StepSettings step) {
  step.duration_s = 0;
  step.passes = 1;
  return step;
}

// What a step asked of a device, in the order in which it did.
struct Asked {
  std::string kernel;
  int core = 0;
  Clock::duration length{};
  std::uint64_t pattern = 0;
};

// A device with many cores that only writes down what it is asked, and answers at once.
class WritesDown : public Device {
 public:
  explicit WritesDown(std::uint32_t cores) {
    info_.id = "n0-d0";
    info_.cores = cores;
  }
  const DeviceInfo& info() const override { return info_; }
  Region allocate(std::uint64_t, Place) override { return {}; }
  Preparation prepare(const Workload& work) override {
    return std::make_unique<Answers>(*this, std::string(name(std::get<Mix>(work).kernel)));
  }

  std::vector<Asked> asked;

 private:
  class Answers : public Prepared {
   public:
    Answers(WritesDown& device, std::string kernel) : device_(device), kernel_(std::move(kernel)) {}
    Burst run(const RunFor& how) override {
      Burst burst;
      burst.start = burst.end = Clock::now();
      device_.asked.push_back({kernel_, how.core, how.until - burst.start, how.pattern});
      for (std::uint32_t c = 0; c < device_.info_.cores; ++c) {
        if (how.core < 0 || how.core == static_cast<int>(c)) burst.cores.push_back({c, 1, 0});
      }
      burst.iterations = 1;
      return burst;
    }
    std::unique_ptr<ArmedFault> arm(const Fault&) override { return nullptr; }

   private:
    WritesDown& device_;
    std::string kernel_;
  };
  DeviceInfo info_;
};

TEST(Mix, OffersEveryKernel) {
  const auto& words = std::get<Choice>(*find_stressor("compute.mix")->param("kernel")).words;
  ASSERT_EQ(words.size(), kMixKernels + 1U);
  for (int k = 0; k < kMixKernels; ++k)
    EXPECT_EQ(words[static_cast<std::size_t>(k) + 1], name(static_cast<MixKernel>(k)));
}

TEST(Mix, APassRunsEveryKernelOnAllCoresAndOnEachAlone) {
  WritesDown device(5);
  const RecordedStep step = run_recorded(device, one_pass(mix_step()));
  std::map<std::pair<std::string, int>, int> times;
  for (const Asked& a : device.asked) ++times[{a.kernel, a.core}];
  EXPECT_EQ(times.size(), kMixKernels * 6U);
  for (const auto& [what, count] : times) EXPECT_EQ(count, 1) << what.first << " " << what.second;
  EXPECT_EQ(step.passes(), 1U);
}

TEST(Mix, CoresSayThatEachOfThemRanEveryKernel) {
  const auto device = synthetic_device();
  const RecordedStep step = run_recorded(*device, one_pass(mix_step()));
  std::map<std::uint32_t, std::uint64_t> iterations;
  std::set<std::string> kernels;
  for (const WindowRecord& w : step.windows) {
    for (const CoreTally& c : w.cores) iterations[c.core] += c.iterations;
    for (const WorkTally& t : w.work) kernels.insert(t.work);
  }
  EXPECT_EQ(kernels.size(), static_cast<std::size_t>(kMixKernels));
  ASSERT_EQ(iterations.size(), 4U);
  for (const auto& [core, count] : iterations) EXPECT_GE(count, 2U * kMixKernels) << core;
  EXPECT_EQ(step.miscompares(), 0U);
  EXPECT_EQ(step.wrong_digests(), 0U);
}

// The device answers at once, so what counts is what it was asked for, and the pauses.
TEST(Mix, APassOf128CoresFitsInto10Seconds) {
  WritesDown device(128);
  StepSettings step = one_pass(mix_step());
  step.burst_s = 0.2;
  const auto start = Clock::now();
  (void)run_recorded(device, step);
  Clock::duration all = Clock::now() - start;
  for (const Asked& a : device.asked) all += a.length;
  EXPECT_EQ(device.asked.size(), 129U * kMixKernels);
  EXPECT_LT(all, milliseconds(8000));
}

TEST(Mix, TheSeedGivesTheOrder) {
  const auto order = [](std::uint8_t seed) {
    WritesDown device(3);
    StepSettings step = one_pass(mix_step());
    step.seed[0] = seed;
    (void)run_recorded(device, step);
    std::vector<std::pair<std::string, int>> all;
    for (const Asked& a : device.asked) all.emplace_back(a.kernel, a.core);
    return all;
  };
  EXPECT_EQ(order(1), order(1));
  EXPECT_NE(order(1), order(2));
}

TEST(Mix, RecordsThroughputOfAStepTooShortForAPass) {
  const auto device = synthetic_device();
  StepSettings step = mix_step();
  step.duration_s = 0.05;
  step.burst_s = 0.2;  // one burst, which takes all of it
  const RecordedStep recorded = run_recorded(*device, step);
  EXPECT_EQ(recorded.passes(), 0U);
  EXPECT_EQ(recorded.recordings("throughput"), 1U);
  EXPECT_EQ(recorded.recordings("kernels_run"), 1U);
}

TEST(Mix, CountsAWrongCore) {
  const auto device = synthetic_device("wrong=core:3 every=1");
  const RecordedStep step = run_recorded(*device, one_pass(mix_step({{"kernel", "multiply"}})));
  EXPECT_EQ(step.miscompares(), 2U);  // among all, and alone
  EXPECT_EQ(step.wrong_digests(), 2U);
  for (const WindowRecord& w : step.windows) {
    for (const Finding& f : w.findings) EXPECT_EQ(f.core, 3U);
  }
}

TEST(Mix, FindsEachFaultOfADrillWhereItStruck) {
  const auto device = synthetic_device();
  const std::vector<FaultKind> kinds{FaultKind::flip,  FaultKind::stuck,   FaultKind::zero,
                                     FaultKind::nan,   FaultKind::inf,     FaultKind::swap,
                                     FaultKind::lanes, FaultKind::scramble};
  const auto drill = short_drill(mix_step(), FaultSite::result, kinds);
  const auto [active, found] = run_recorded(*device, drill).active_and_found();
  EXPECT_EQ(active, kinds.size());
  EXPECT_EQ(found, kinds.size());
}

TEST(Mix, FindsFaultsInProductsOfMatricesOnTheirCore) {
  const auto healthy = synthetic_device();
  const auto drill = short_drill(mix_step({{"kernel", "matrix"}}), FaultSite::result,
                                 {FaultKind::flip, FaultKind::nan, FaultKind::lanes});
  EXPECT_EQ(run_recorded(*healthy, drill).active_and_found(), std::pair(3UL, 3UL));
  const auto wrong = synthetic_device("wrong=core:1 every=1");
  const RecordedStep step = run_recorded(*wrong, one_pass(mix_step({{"kernel", "matrix"}})));
  EXPECT_EQ(step.miscompares(), 2U);
  EXPECT_EQ(step.windows.at(0).work.at(0).work, "mix matrix 512");
  for (const WindowRecord& w : step.windows) {
    for (const Finding& f : w.findings) EXPECT_EQ(f.core, 1U);
  }
}

TEST(Mix, SkipsAndCountsWhatADeviceLacks) {
  const auto device = synthetic_device("unsupported=sha256");
  const RecordedStep step = run_recorded(*device, one_pass(mix_step()));
  EXPECT_EQ(step.recordings("kernels_lacking"), 1U);
  for (const WindowRecord& w : step.windows) {
    for (const MetricWindow& m : w.metrics) {
      if (m.metric == "kernels_run") {
        EXPECT_EQ(m.max, kMixKernels - 1);
      }
      if (m.metric == "kernels_lacking") {
        EXPECT_EQ(m.max, 1);
      }
    }
    for (const WorkTally& t : w.work) EXPECT_NE(t.work, "mix sha256 512");
  }
}

TEST(Mix, IsUnsupportedWhereTheDeviceLacksAllThatWasAskedFor) {
  const auto lacks_one = synthetic_device("unsupported=aes");
  EXPECT_EQ(why_unsupported(*lacks_one, mix_step({{"kernel", "aes"}})),
            "n0-d0 does not support mix of aes");
  const auto lacks_all = synthetic_device("unsupported=mix");
  EXPECT_EQ(why_unsupported(*lacks_all, mix_step()).substr(0, 52),
            "n0-d0 does not support mix; n0-d0 does not support m");
}

TEST(Mix, RoundsWordsUpToWholeBlocks) {
  const auto device = synthetic_device();
  const auto step = run_recorded(*device, mix_step({{"kernel", "copy"}, {"words", "513"}}));
  EXPECT_EQ(step.windows.at(0).work.at(0).work, "mix copy 1024");
}

}  // namespace
}  // namespace rackproof
