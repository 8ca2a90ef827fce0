// SPDX-License-Identifier: Apache-2.0
// stressors/compute/mix.cc: drives every kind of instruction on all cores at once and on each core
// alone, with every result word checked. Bursts follow one another after idle pauses of varying
// length, so that clocks, voltages and idle states vary: it is what can be done without privileges.
#include "core/mix.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <thread>

#include "core/context.h"
#include "core/oracle.h"

namespace rackproof {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, kMixKernels + 1> kKernelWords{
    "all",    "fma_fp32", "fma_fp64", "multiply", "permute", "aes",
    "sha256", "crc32c",   "compress", "copy",     "matrix"};
constexpr Choice kKernel{"kernel", kKernelWords, "the kind of instructions"};
constexpr Param kWords{"words", 4096, 512, 1 << 20,
                       "result words of 8 bytes a core, rounded up to a multiple of 512"};
constexpr Metric kThroughput{"throughput", Unit::bytes_per_second,
                             "result words of all cores at once, over all kernels of a pass"};
constexpr Metric kKernelsRun{"kernels_run", Unit::count, "kinds of instructions driven in a pass"};
constexpr Metric kKernelsLacking{"kernels_lacking", Unit::count,
                                 "kinds of instructions that the device lacks"};
constexpr Metric kMiscompares{"miscompares", Unit::count,
                              "words that differ from the right ones, on any core"};

// 128 cores take ten kernels in less than 10 s: most bursts are of one core, and these are short.
constexpr milliseconds kTogether{100}, kAlone{2};
constexpr std::array<milliseconds, 16> kPauses{
    milliseconds{0}, milliseconds{0}, milliseconds{0}, milliseconds{0},
    milliseconds{0}, milliseconds{0}, milliseconds{0}, milliseconds{0},
    milliseconds{0}, milliseconds{1}, milliseconds{0}, milliseconds{1},
    milliseconds{0}, milliseconds{1}, milliseconds{3}, milliseconds{10}};

std::uint64_t whole_blocks(std::int64_t words) {
  const auto wanted = static_cast<std::uint64_t>(words);
  return (wanted + kMixBlock - 1) / kMixBlock * kMixBlock;
}

// Draws of one step: their order is the seed's, like its data.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t below(std::uint64_t count) { return pattern_word(seed_, next_++) % count; }
  template <class T>
  void shuffle(std::vector<T>& all) {
    for (std::size_t left = all.size(); left > 1; --left)
      std::swap(all[left - 1], all[below(left)]);
  }

 private:
  std::uint64_t seed_, next_ = 0;
};

struct Kernels {
  std::vector<std::unique_ptr<Prepared>> ready;
  std::size_t lacking = 0;
};

// Those that the device has. Throws StepUnsupported, with what it says of each, when it has none.
Kernels prepare_kernels(Context& ctx) {
  Kernels kernels;
  std::string reasons;
  for (std::size_t i = 1; i < kKernelWords.size(); ++i) {
    if (ctx[kKernel] != "all" && ctx[kKernel] != kKernelWords[i]) continue;
    try {
      const MixKernel kernel = mix_kernel_from_name(kKernelWords[i]).value();
      kernels.ready.push_back(ctx.prepare(Mix{kernel, whole_blocks(ctx[kWords])}));
    } catch (const StepUnsupported& refused) {
      ++kernels.lacking;
      reasons += (reasons.empty() ? "" : "; ") + refused.reason;
    }
  }
  if (kernels.ready.empty()) throw StepUnsupported{reasons};
  return kernels;
}

class Pass {
 public:
  Pass(Context& ctx, Kernels kernels)
      : ctx_(ctx),
        kernels_(std::move(kernels)),
        draws_(ctx.burst().sample),
        cores_(ctx.device().info().cores) {
    std::iota(cores_.begin(), cores_.end(), 0);
  }

  /// Every kernel on all cores at once and then on each alone; false when the step ended before.
  bool run() {
    bytes_ = seconds_ = 0;
    draws_.shuffle(kernels_.ready);
    for (const auto& kernel : kernels_.ready) {
      if (!everywhere(*kernel)) return false;
    }
    record();
    ctx_.pass_completed();
    return true;
  }

  void record() {
    if (seconds_ > 0) ctx_.record(kThroughput, bytes_ / seconds_);
    ctx_.record(kKernelsRun, static_cast<double>(kernels_.ready.size()));
    ctx_.record(kKernelsLacking, static_cast<double>(kernels_.lacking));
  }

 private:
  bool everywhere(Prepared& kernel) {
    if (!ctx_.running()) return false;
    const Burst all = burst(kernel, kTogether, -1);
    bytes_ += all.bytes;
    seconds_ += all.seconds();
    draws_.shuffle(cores_);
    return std::all_of(cores_.begin(), cores_.end(), [&](int core) {
      if (!ctx_.running()) return false;
      (void)burst(kernel, kAlone, core);
      return true;
    });
  }

  Burst burst(Prepared& kernel, milliseconds length, int core) {
    std::this_thread::sleep_for(kPauses[draws_.below(kPauses.size())]);
    RunFor how = ctx_.burst();
    how.until = std::min(how.until, Clock::now() + length);
    how.core = core;
    Burst done = kernel.run(how);
    ctx_.record(kMiscompares, static_cast<double>(done.miscompares));
    return done;
  }

  Context& ctx_;
  Kernels kernels_;
  Draws draws_;
  std::vector<int> cores_;
  double bytes_ = 0, seconds_ = 0;
};

void mix(Context& ctx) {
  Pass pass(ctx, prepare_kernels(ctx));
  bool whole = false;
  while (pass.run()) whole = true;
  if (!whole) pass.record();  // of a step too short for one pass
}

RACKPROOF_STRESSOR(mix, {.name = "compute.mix",
                         .summary = "every kind of instruction on every core, every word checked",
                         .subsystem = Subsystem::compute,
                         .metrics = {kThroughput, kKernelsRun, kKernelsLacking, kMiscompares},
                         .params = {kKernel, kWords},
                         .run = mix,
                         .by_passes = true,
                         .drill_sites = {FaultSite::result},
                         .drill_params = {{"words", "512"}}});

}  // namespace
}  // namespace rackproof
