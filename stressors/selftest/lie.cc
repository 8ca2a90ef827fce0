// SPDX-License-Identifier: Apache-2.0
// stressors/selftest/lie.cc: the worker reports what did not happen.
#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <utility>

#include "stressors/selftest/culprit.h"

namespace rackproof {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr auto kHour = std::chrono::hours(1);

struct Lie {
  std::string_view name;
  void (*tell)(Burst&);
};

// Each turns an honest burst into a claim.
constexpr std::array<Lie, 20> kLies{{
    {"digest", [](Burst& b) { b.digest = b.digest.value_or(0) ^ 1; }},
    {"no_digest", [](Burst& b) { b.digest.reset(); }},
    {"unsampled", [](Burst& b) { b.miscompares = 3; }},
    {"uncounted",
     [](Burst& b) {
       b.samples.push_back({0, 7, 1, 2});
     }},
    {"core_miscompares",
     [](Burst& b) {
       b.cores = {{0, 1, 5}};
     }},
    {"foreign_core",
     [](Burst& b) {
       b.cores.push_back({1000000, 1, 0});
     }},
    {"foreign_finding",
     [](Burst& b) {
       b.miscompares = 1;
       b.samples = {{1000000, 7, 1, 2}};
     }},
    {"no_iterations", [](Burst& b) { b.iterations = 0; }},
    {"nothing_done",
     [](Burst& b) {
       b.iterations = 0;
       b.bytes = 0;
       b.cores.clear();
     }},
    {"ten_fold", [](Burst& b) { b.bytes *= 10; }},
    {"negative_bytes", [](Burst& b) { b.bytes = -b.bytes; }},
    {"nan_bytes", [](Burst& b) { b.bytes = kNaN; }},
    {"infinite_bytes", [](Burst& b) { b.bytes = kInfinity; }},
    {"most_bytes", [](Burst& b) { b.bytes = std::numeric_limits<double>::max(); }},
    {"operations", [](Burst& b) { b.flops = 1e15; }},
    {"negative_operations", [](Burst& b) { b.flops = -1; }},
    {"no_time", [](Burst& b) { b.end = b.start; }},
    {"backwards", [](Burst& b) { b.end = b.start - kHour; }},
    {"an_hour", [](Burst& b) { b.end = b.start + kHour; }},
    {"many_iterations", [](Burst& b) { b.iterations = std::numeric_limits<std::uint64_t>::max(); }},
}};

struct Figure {
  std::string_view name;
  double value;
};
constexpr std::array<Figure, 5> kFigures{{{"negative_figure", -1},
                                          {"nan_figure", kNaN},
                                          {"infinite_figure", kInfinity},
                                          {"absurd_figure", 1e30},
                                          {"no_figure", 0}}};

constexpr std::array<std::string_view, 7> kOthers{
    "early", "idle", "undeclared", "much_memory", "infinite_memory", "blind", "phantom_fault"};

constexpr auto words_of_lies() {
  std::array<std::string_view, kLies.size() + kFigures.size() + kOthers.size()> words{};
  auto next = words.begin();
  for (const Lie& lie : kLies) *next++ = lie.name;
  for (const Figure& figure : kFigures) *next++ = figure.name;
  for (const std::string_view other : kOthers) *next++ = other;
  return words;
}
constexpr auto kWays = words_of_lies();
constexpr Choice kWay{"way", kWays, "the lie; of a burst, of a figure, of the step or of a drill"};
constexpr Metric kFigure{"figure", Unit::bytes_per_second, "what the worker claims", "memory"};
constexpr Metric kMiscompares{"miscompares", Unit::count, "words that differ"};
constexpr Metric kUndeclared{"undeclared", Unit::count, "not in the description"};

// Says that a fault struck, which did not.
class PhantomFault : public ArmedFault {
 public:
  [[nodiscard]] std::vector<Activation> activations() const override { return {{7, 1, 3}}; }
};

class Liar : public Prepared {
 public:
  Liar(std::unique_ptr<Prepared> honest, std::string_view way)
      : honest_(std::move(honest)), way_(way) {}

  Burst run(const RunFor& how) override {
    Burst burst = honest_->run(how);
    const auto lie = std::find_if(kLies.begin(), kLies.end(),
                                  [this](const Lie& known) { return known.name == way_; });
    if (lie != kLies.end()) lie->tell(burst);
    if (way_ == "blind") hide_findings(burst);
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    if (way_ == "phantom_fault") return std::make_unique<PhantomFault>();
    return honest_->arm(fault);
  }

 private:
  static void hide_findings(Burst& burst) {
    burst.miscompares = 0;
    burst.samples.clear();
    for (CoreTally& core : burst.cores) core.miscompares = 0;
  }

  std::unique_ptr<Prepared> honest_;
  std::string_view way_;
};

std::unique_ptr<Prepared> prepare(Context& ctx, std::string_view way) {
  const Workload work = selftest::light_work(ctx.device());
  Preparation preparation = ctx.device().prepare(work);
  if (const auto* no = std::get_if<Unsupported>(&preparation)) throw StepUnsupported{no->reason};
  return ctx.watch(
      std::make_unique<Liar>(std::get<std::unique_ptr<Prepared>>(std::move(preparation)), way),
      describe(work));
}

void record_figure(Context& ctx, std::string_view way, double honest) {
  const auto claim = std::find_if(kFigures.begin(), kFigures.end(),
                                  [way](const Figure& known) { return known.name == way; });
  if (way == "no_figure") return;
  ctx.record(kFigure, claim == kFigures.end() ? honest : claim->value);
}

void complete_pass(Context& ctx, std::string_view way) {
  if (way == "much_memory") ctx.pass_completed(1e30);
  if (way == "infinite_memory") ctx.pass_completed(kInfinity);
}

void lie(Context& ctx) {
  const std::string_view way = selftest::is_culprit(ctx) ? ctx[kWay] : "";
  const auto prepared = prepare(ctx, way);
  if (way == "idle") return;
  for (int bursts = 0; ctx.running() && !(way == "early" && bursts == 1); ++bursts) {
    const Burst burst = selftest::light_burst(ctx, *prepared);
    ctx.record(kMiscompares, static_cast<double>(burst.miscompares));
    record_figure(ctx, way, 1e6);
    if (way == "undeclared") ctx.record(kUndeclared, 1);
    complete_pass(ctx, way);
  }
}

RACKPROOF_STRESSOR(selftest_lie, {.name = "selftest.lie",
                                  .summary = "self-test: the worker reports what did not happen",
                                  .metrics = {selftest::kBandwidth, kFigure, kMiscompares},
                                  .params = {kWay, selftest::kCulprit},
                                  .run = lie,
                                  .drill_sites = {FaultSite::transfer},
                                  .hidden = true});

}  // namespace
}  // namespace rackproof
