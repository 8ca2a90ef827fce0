// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/armed.h"

#include <algorithm>
#include <bit>

namespace rackproof {
namespace {

constexpr std::uint64_t kNeighboursTried = 64;

bool is_integer(const Work& work) { return work.nan_bits() == work.all_bits(); }

// The most positive number where there is no infinity; else a quiet NaN without its quiet bit.
std::uint64_t inf_bits(const Work& work) {
  if (is_integer(work)) return work.all_bits() >> 1;
  return work.nan_bits() & (work.nan_bits() - 1);
}

std::uint64_t flipped(const Work& work, std::uint64_t bits, std::uint64_t mask) {
  return bits ^ mask_for(mask, static_cast<unsigned>(std::popcount(work.all_bits())) / 8);
}

// Of the j-th element that the fault strikes.
std::uint64_t struck(const Fault& fault, const Work& work, std::uint64_t j, std::uint64_t right) {
  switch (fault.kind) {
    case FaultKind::zero:
      return 0;
    case FaultKind::nan:
      return work.nan_bits();
    case FaultKind::inf:
      return inf_bits(work);
    case FaultKind::scramble:
      return flipped(work, right, scramble_mask(fault, j));
    default:
      return flipped(work, right, fault.mask);
  }
}

// The elements that a fault can strike in one burst.
struct Field {
  const Work& work;
  const RunFor& how;
  FaultSite site;
  std::uint64_t count;

  [[nodiscard]] std::uint64_t element(std::uint64_t n) const {
    return work.element_at(site, how, n % count);
  }
  [[nodiscard]] std::uint64_t right(std::uint64_t element) const {
    return work.expected(how.pattern, element);
  }
};

// An element changes places with the nearest one after it that differs; none when there is none.
std::vector<Damage> exchange(const Field& field, std::uint64_t first) {
  const std::uint64_t a = field.element(first), a_bits = field.right(a);
  for (std::uint64_t step = 1; step < std::min(field.count, kNeighboursTried); ++step) {
    const std::uint64_t b = field.element(first + step), b_bits = field.right(b);
    if (b_bits != a_bits) return {{a, a_bits, b_bits}, {b, b_bits, a_bits}};
  }
  return {};
}

// How many elements lie in the fault's way, and how far apart.
struct Reach {
  std::uint64_t count = 1, stride = 1;
};
Reach reach_of(const Fault& fault) {
  if (fault.kind == FaultKind::lanes) return {fault.count, fault.stride};
  return {fault.kind == FaultKind::scramble ? fault.count : 1, 1};
}

// No element twice, since that would undo what a flip did.
std::vector<Damage> along(const Fault& fault, const Field& field, std::uint64_t times) {
  const Reach reach = reach_of(fault);
  const std::uint64_t first = fault.element % field.count, stride = reach.stride % field.count;
  std::vector<Damage> all;
  std::uint64_t at = first;
  for (std::uint64_t j = 0; j < std::min(reach.count, field.count); ++j) {
    if (j > 0 && at == first) break;  // once around
    const std::uint64_t element = field.element(at), right = field.right(element);
    const std::uint64_t got = struck(fault, field.work, j, right);
    if (got != right) all.push_back({element, right, got, times});
    at = (at + stride) % field.count;
  }
  return all;
}

std::vector<Damage> damage_of(const Fault& fault, const Work& work, const RunFor& how,
                              std::uint64_t iterations) {
  const Field field{work, how, fault.site, work.elements_at(fault.site, how)};
  if (field.count == 0) return {};
  if (fault.kind == FaultKind::swap) return exchange(field, fault.element % field.count);
  return along(fault, field, fault.kind == FaultKind::stuck ? iterations : 1);
}

// Words that are all alike: some faults change nothing there.
bool can_strike(const Fault& fault, const Work& work) {
  if (fault.kind == FaultKind::late || fault.kind == FaultKind::missing) return false;
  if (work.elements_at(fault.site, {}) == 0) return false;
  if (!work.alike()) return true;
  const std::uint64_t word = work.expected(0, 0);
  return fault.kind != FaultKind::swap && struck(fault, work, 0, word) != word;
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
  const std::vector<Damage> further = work.spread(how, damages, iterations);
  damages.insert(damages.end(), further.begin(), further.end());
  return damages;
}

}  // namespace rackproof
