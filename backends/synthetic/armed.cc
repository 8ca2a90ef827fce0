// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/armed.h"

#include <algorithm>

namespace rackproof {
namespace {

constexpr std::uint64_t kNeighboursTried = 64;

std::uint64_t struck(const Fault& fault, const Work& work, std::uint64_t right) {
  if (fault.kind == FaultKind::zero) return 0;
  if (fault.kind == FaultKind::nan) return work.nan_bits();
  const std::uint64_t mask = fault.mask & work.all_bits();
  return right ^ (mask == 0 ? 1 : mask);
}

// An element changes places with the nearest one after it that differs; none when there is none.
std::vector<Damage> exchange(const Work& work, const RunFor& how, std::uint64_t first) {
  const std::uint64_t count = work.elements(how);
  const std::uint64_t a = work.element(how, first), a_bits = work.expected(how.pattern, a);
  for (std::uint64_t step = 1; step < std::min(count, kNeighboursTried); ++step) {
    const std::uint64_t b = work.element(how, (first + step) % count);
    const std::uint64_t b_bits = work.expected(how.pattern, b);
    if (b_bits != a_bits) return {{a, a_bits, b_bits}, {b, b_bits, a_bits}};
  }
  return {};
}

std::vector<Damage> damage_of(const Fault& fault, const Work& work, const RunFor& how,
                              std::uint64_t iterations) {
  const std::uint64_t count = work.elements(how);
  if (count == 0) return {};
  const std::uint64_t first = fault.element % count;
  if (fault.kind == FaultKind::swap) return exchange(work, how, first);
  const std::uint64_t element = work.element(how, first);
  const std::uint64_t right = work.expected(how.pattern, element), got = struck(fault, work, right);
  if (got == right) return {};
  return {{element, right, got, fault.kind == FaultKind::stuck ? iterations : 1}};
}

// A sweep's words are all alike: some faults change nothing there.
bool can_strike(const Fault& fault, const Work& work) {
  if (work.site() != fault.site) return false;
  if (fault.kind == FaultKind::late || fault.kind == FaultKind::missing) return false;
  if (work.kind() != "sweep") return true;
  const std::uint64_t word = work.expected(0, 0);
  return fault.kind != FaultKind::swap && struck(fault, work, word) != word;
}

}  // namespace

struct Armory::Shot {
  Fault fault;
  std::mutex mutex;
  std::vector<Activation> activations;
};

class Armory::Handle : public ArmedFault {
 public:
  explicit Handle(std::shared_ptr<Shot> shot) : shot_(std::move(shot)) {}
  std::vector<Activation> activations() const override {
    const std::lock_guard lock(shot_->mutex);
    return shot_->activations;
  }

 private:
  std::shared_ptr<Shot> shot_;  // disarmed when this, its only owner, goes
};

std::unique_ptr<ArmedFault> Armory::arm(const Fault& fault, const Work& work) {
  if (!can_strike(fault, work)) return nullptr;
  auto shot = std::make_shared<Shot>();
  shot->fault = fault;
  const std::lock_guard lock(mutex_);
  armed_ = shot;
  return std::make_unique<Handle>(std::move(shot));
}

std::vector<Damage> Armory::strike(const Work& work, const RunFor& how, std::uint64_t iterations) {
  std::shared_ptr<Shot> shot;
  {
    const std::lock_guard lock(mutex_);
    shot = armed_.lock();
    armed_.reset();
  }
  if (!shot) return {};
  std::vector<Damage> damages = damage_of(shot->fault, work, how, iterations);
  const std::lock_guard lock(shot->mutex);
  for (const Damage& d : damages) shot->activations.push_back({d.element, d.expected, d.got});
  return damages;
}

}  // namespace rackproof
