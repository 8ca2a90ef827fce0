// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/prepared.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "backends/synthetic/armed.h"
#include "backends/synthetic/golden_cache.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kHostBytes = 1ULL << 44;  // more than anybody asks for
constexpr std::uint64_t kExaggeration = 10;       // of Lie::rate

Clock::duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

std::uint64_t iterations_of(const RunFor& how, Clock::time_point start, double seconds_each) {
  if (how.iterations > 0) return how.iterations;
  const double time = std::chrono::duration<double>(how.until - start).count();
  if (seconds_each <= 0 || time < seconds_each) return 1;
  return static_cast<std::uint64_t>(time / seconds_each);
}

void add_new(std::vector<Damage>& all, const std::vector<Damage>& more) {
  for (const Damage& d : more) {
    const bool known = std::any_of(all.begin(), all.end(),
                                   [&](const Damage& other) { return other.element == d.element; });
    if (!known) all.push_back(d);
  }
}

class SyntheticPrepared : public Prepared {
 public:
  SyntheticPrepared(std::shared_ptr<SyntheticState> state, std::unique_ptr<Work> work,
                    std::string described)
      : state_(std::move(state)), work_(std::move(work)), described_(std::move(described)) {}

  Burst run(const RunFor& how) override {
    std::this_thread::sleep_until(how.start);
    if (how.core >= static_cast<int>(state_->cores))
      throw DeviceError("core " + std::to_string(how.core) + " is not there");
    state_->quirks.obstruct(*work_);
    Burst burst;
    burst.digest = clean_digest({described_, how.pattern, how.address_bit, how.half});
    burst.start = Clock::now();
    const Effort effort = work_->effort(how);
    const double each_s = effort.seconds * state_->quirks.drag(*work_);
    burst.iterations = iterations_of(how, burst.start, each_s);
    burst.device_s = each_s * static_cast<double>(burst.iterations);
    burst.bytes = effort.bytes * static_cast<double>(burst.iterations);
    burst.flops = effort.flops * static_cast<double>(burst.iterations);
    if (work_->site() == FaultSite::transfer) burst.copy_s = each_s;
    check(how, burst);
    burst.end = burst.start + from_seconds(burst.device_s + state_->quirks.lateness());
    distort(burst);
    std::this_thread::sleep_until(burst.end);
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    return armory_.arm(fault, *work_);
  }

 private:
  void check(const RunFor& how, Burst& burst) {
    std::vector<Damage> damages = armory_.strike(*work_, how, burst.iterations);
    if (const auto own = state_->quirks.damage(*work_, how, burst.iterations)) {
      add_new(damages, {*own});
    }
    add_new(damages, work_->touch(how, state_->quirks.upset(*work_, how)));
    if (work_->elements(how) > 0) {
      for (std::uint32_t core = 0; core < state_->cores; ++core) {
        const bool idle = how.core >= 0 && static_cast<std::uint32_t>(how.core) != core;
        if (!idle) burst.cores.push_back({core, burst.iterations, 0});
      }
    }
    for (const Damage& damage : damages) note(damage, burst);
    if (burst.digest) burst.digest = work_->changed_by(*burst.digest, how.pattern, damages);
  }

  void note(const Damage& damage, Burst& burst) const {
    const std::uint32_t core = state_->quirks.core_of(damage.element);
    burst.miscompares += damage.times;
    for (CoreTally& tally : burst.cores) tally.miscompares += tally.core == core ? damage.times : 0;
    for (std::uint64_t i = 0; i < damage.times && burst.samples.size() < kMaxSamples; ++i) {
      burst.samples.push_back({core, damage.element, damage.expected, damage.got});
    }
  }

  // What the device claims instead of what it did.
  void distort(Burst& burst) const {
    const Quirks& quirks = state_->quirks;
    if (quirks.lies(Lie::rate)) {
      burst.iterations *= kExaggeration;
      burst.bytes *= kExaggeration;
      burst.flops *= kExaggeration;
      for (CoreTally& core : burst.cores) core.iterations *= kExaggeration;
    }
    if (quirks.lies(Lie::count) || quirks.silent()) {
      burst.miscompares = 0;
      burst.samples.clear();
      for (CoreTally& core : burst.cores) core.miscompares = 0;
    }
    if (quirks.silent()) {
      burst.digest.reset();
      burst.cores.clear();
    }
  }

  std::shared_ptr<SyntheticState> state_;
  std::unique_ptr<Work> work_;
  std::string described_;
  Armory armory_;
};

}  // namespace

SyntheticState::SyntheticState(const SyntheticDescription& description, std::uint64_t claimed_bytes)
    : cores(description.cores),
      quirks(description),
      memory(
          std::make_shared<SyntheticMemory>(description.memory_bytes, claimed_bytes,
                                            SyntheticHome{description.node, description.device})),
      host(std::make_shared<SyntheticMemory>(kHostBytes, kHostBytes)),
      far(std::make_shared<SyntheticMemory>(kHostBytes, kHostBytes)) {}

std::unique_ptr<Prepared> make_synthetic_prepared(std::shared_ptr<SyntheticState> state,
                                                  std::unique_ptr<Work> work,
                                                  std::string described) {
  return std::make_unique<SyntheticPrepared>(std::move(state), std::move(work),
                                             std::move(described));
}

}  // namespace rackproof
