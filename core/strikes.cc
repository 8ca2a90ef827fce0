// SPDX-License-Identifier: Apache-2.0
#include "core/strikes.h"

#include <algorithm>
#include <set>
#include <utility>

namespace rackproof {
namespace {

constexpr std::uint64_t kFarthest = 256;  // neighbours that a swap tries

std::uint64_t flipped(const StrikeTarget& target, std::uint64_t bits, std::uint64_t mask) {
  return bits ^ mask_for(mask, target.words ? 8 : size_of(target.type));
}

// Of the j-th element that the fault strikes.
std::uint64_t wrong_bits(const StrikeTarget& target, const Fault& fault, std::uint64_t j,
                         std::uint64_t before) {
  switch (fault.kind) {
    case FaultKind::zero:
      return 0;
    case FaultKind::nan:
      return target.words ? ~0ULL : nan_bits(target.type);
    case FaultKind::inf:
      return target.words ? ~0ULL >> 1 : infinity_bits(target.type);
    case FaultKind::scramble:
      return flipped(target, before, scramble_mask(fault, j));
    default:
      return flipped(target, before, fault.mask);
  }
}

// How many elements lie in the fault's way, and how far apart.
struct Reach {
  std::uint64_t count = 1, stride = 1;
};
Reach reach_of(const Fault& fault) {
  if (fault.kind == FaultKind::lanes) return {fault.count, fault.stride};
  return {fault.kind == FaultKind::scramble ? fault.count : 1, 1};
}

// The element that the check reads at or near the one `ahead` of the fault's.
std::uint64_t placed(const StrikeTarget& target, const Fault& fault, std::uint64_t ahead = 0) {
  const std::uint64_t element = (fault.element % target.count + ahead) % target.count;
  return target.place ? target.place(element) : element;
}

}  // namespace

// One fault from arming to undoing.
class Strikes::Strike {
 public:
  explicit Strike(const Fault& fault) : fault_(fault) {}

  void hit(const StrikeTarget& target) {
    const std::lock_guard lock(mutex_);
    if (cancelled_ || target.count == 0) return;
    if (!std::exchange(struck_, true)) return strike(target);
    if (fault_.kind == FaultKind::stuck) repeat();
  }

  // Puts back what still stands as the fault left it. Where something was written meanwhile, the
  // same bits may be the right ones.
  void undo() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    for (const Change& c : changes_) {
      if (c.cell->generation() != c.generation) continue;
      if (c.cell->load() == c.after) c.cell->store(c.before);
    }
  }

  [[nodiscard]] std::vector<Activation> activations() const {
    const std::lock_guard lock(mutex_);
    std::vector<Activation> all;
    for (const Change& c : changes_)
      all.push_back({c.element, c.cell->shown(c.before), c.cell->shown(c.after)});
    return all;
  }

 private:
  struct Change {
    std::unique_ptr<StruckCell> cell;
    std::uint64_t element = 0;  // as activations name it
    std::uint64_t before = 0, after = 0;
    std::uint64_t generation = 0;  // of the memory when it was struck last
  };

  void strike(const StrikeTarget& target) {
    if (fault_.kind == FaultKind::swap) return exchange(target);
    const Reach reach = reach_of(fault_);
    const std::uint64_t stride = reach.stride % target.count;
    std::set<std::uint64_t> seen;  // no element twice, since that would undo what a flip did
    std::uint64_t ahead = 0;
    for (std::uint64_t j = 0; j < std::min(reach.count, target.count); ++j) {
      if (j > 0 && ahead == 0) return;  // once around
      const std::uint64_t element = placed(target, fault_, ahead);
      if (seen.insert(element).second) {
        change(target, element,
               [&](std::uint64_t before) { return wrong_bits(target, fault_, j, before); });
      }
      ahead = (ahead + stride) % target.count;
    }
  }

  template <class Wrong>
  void change(const StrikeTarget& target, std::uint64_t element, const Wrong& wrong) {
    Change c;
    c.cell = target.cell(element);
    c.element = target.first + element;
    c.generation = c.cell->generation();
    c.before = c.cell->load();
    c.cell->store(wrong(c.before));
    c.after = c.cell->load();
    if (c.after != c.before) changes_.push_back(std::move(c));
  }

  // The same wrong answer again, whatever the right one would have been.
  void repeat() {
    for (Change& c : changes_) {
      c.cell->store(c.after);
      c.generation = c.cell->generation();
    }
  }

  // With the next element that holds something else; where all are equal, nothing can change.
  void exchange(const StrikeTarget& target) {
    const std::uint64_t first = placed(target, fault_);
    const std::uint64_t mine = target.cell(first)->load();
    for (std::uint64_t step = 1; step < std::min(kFarthest, target.count); ++step) {
      const std::uint64_t other = placed(target, fault_, step);
      const std::uint64_t theirs = target.cell(other)->load();
      if (theirs == mine) continue;
      change(target, first, [&](std::uint64_t) { return theirs; });
      return change(target, other, [&](std::uint64_t) { return mine; });
    }
  }

  const Fault fault_;
  mutable std::mutex mutex_;
  bool struck_ = false, cancelled_ = false;
  std::vector<Change> changes_;
};

namespace {

class ArmedStrike : public ArmedFault {
 public:
  explicit ArmedStrike(std::shared_ptr<Strikes::Strike> strike) : strike_(std::move(strike)) {}
  ~ArmedStrike() override {
    try {
      strike_->undo();
    } catch (const DeviceError&) {  // the device is lost: the next call says so
    }
  }
  ArmedStrike(const ArmedStrike&) = delete;
  ArmedStrike& operator=(const ArmedStrike&) = delete;
  [[nodiscard]] std::vector<Activation> activations() const override {
    return strike_->activations();
  }

 private:
  std::shared_ptr<Strikes::Strike> strike_;
};

}  // namespace

std::unique_ptr<ArmedFault> Strikes::arm(const Fault& fault, FaultSite site) {
  if (fault.site != site || fault.kind == FaultKind::late || fault.kind == FaultKind::missing)
    return nullptr;
  auto strike = std::make_shared<Strike>(fault);
  auto armed = std::make_unique<ArmedStrike>(strike);
  const std::lock_guard lock(mutex_);
  armed_.push_back(std::move(strike));
  return armed;
}

void Strikes::begin() {
  const std::lock_guard lock(mutex_);
  active_ = std::exchange(armed_, {});
}

void Strikes::hit(const StrikeTarget& target) {
  for (const auto& strike : active_) strike->hit(target);
}

}  // namespace rackproof
