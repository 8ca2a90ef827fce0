// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/strikes.h"

#include <algorithm>
#include <set>

#include "backends/kernels/number_formats.h"

namespace rackproof::kernels {
namespace {

constexpr std::uint64_t kFarthest = 256;  // neighbours that a swap tries

unsigned width_of(const Target& target) { return target.words ? 8 : size_of(target.type); }

std::uint64_t offset_of(const Target& target, std::uint64_t element) {
  const std::uint64_t position = target.position ? target.position(element) : element;
  return (target.start + position) * width_of(target);
}

std::uint64_t flipped(const Target& target, std::uint64_t before, std::uint64_t mask) {
  return before ^ mask_for(mask, width_of(target));
}

std::uint64_t wrong_bits(const Target& target, const Fault& fault, std::uint64_t j,
                         std::uint64_t before) {
  switch (fault.kind) {
    case FaultKind::zero:
      return 0;
    case FaultKind::nan:
      return target.words ? ~0ULL : nan_of(target.type);
    case FaultKind::inf:
      return target.words ? ~0ULL >> 1 : infinity_of(target.type);
    case FaultKind::scramble:
      return flipped(target, before, scramble_mask(fault, j));
    default:
      return flipped(target, before, fault.mask);
  }
}

}  // namespace

// One fault from arming to undoing.
class Strike {
 public:
  explicit Strike(const Fault& fault) : fault_(fault) {}

  void hit(const Target& target) {
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
      if (c.memory->generation() != c.generation) continue;
      if (c.load() == c.after) c.store(c.before);
    }
  }

  [[nodiscard]] std::vector<Activation> activations() const {
    const std::lock_guard lock(mutex_);
    std::vector<Activation> all;
    for (const Change& c : changes_)
      all.push_back({c.first_element + c.element, c.shown(c.before), c.shown(c.after)});
    return all;
  }

 private:
  struct Change {
    std::shared_ptr<Memory> memory;
    unsigned width = 8;
    bool operand = false;
    DType type = DType::fp64;
    std::uint64_t offset = 0;  // bytes
    std::uint64_t first_element = 0, element = 0, before = 0, after = 0;
    std::uint64_t generation = 0;  // of the memory when it was struck last
    [[nodiscard]] std::uint64_t load() const { return memory->peek(offset, width); }
    void store(std::uint64_t bits) const { memory->poke(offset, width, bits); }
    [[nodiscard]] std::uint64_t shown(std::uint64_t bits) const {
      return operand ? accumulator_bits(type, bits) : bits;
    }
  };

  static std::uint64_t placed(const Target& target, std::uint64_t element) {
    const std::uint64_t e = element % target.count;
    return target.place ? target.place(e) : e;
  }

  void strike(const Target& target) {
    if (fault_.kind == FaultKind::swap) return exchange(target);
    const bool several = fault_.kind == FaultKind::lanes || fault_.kind == FaultKind::scramble;
    const std::uint64_t count = several ? std::min(fault_.count, target.count) : 1;
    const std::uint64_t stride = fault_.kind == FaultKind::lanes ? fault_.stride : 1;
    std::set<std::uint64_t> seen;
    for (std::uint64_t j = 0; j < count; ++j) {
      const std::uint64_t element = placed(target, fault_.element % target.count + j * stride);
      if (!seen.insert(element).second) continue;
      change(target, element,
             [&](std::uint64_t before) { return wrong_bits(target, fault_, j, before); });
    }
  }

  template <class Wrong>
  void change(const Target& target, std::uint64_t element, const Wrong& wrong) {
    Change c{target.memory, width_of(target),           target.operands,
             target.type,   offset_of(target, element), target.first_element,
             element};
    c.generation = target.memory->generation();
    c.before = c.load();
    c.store(wrong(c.before));
    c.after = c.load();
    if (c.after != c.before) changes_.push_back(std::move(c));
  }

  // The same wrong answer again, whatever the right one would have been.
  void repeat() {
    for (Change& c : changes_) {
      c.store(c.after);
      c.generation = c.memory->generation();
    }
  }

  // With the next element that holds something else; where all are equal, nothing can change.
  void exchange(const Target& target) {
    const unsigned width = width_of(target);
    const std::uint64_t first = placed(target, fault_.element);
    const std::uint64_t mine = target.memory->peek(offset_of(target, first), width);
    for (std::uint64_t step = 1; step < std::min(kFarthest, target.count); ++step) {
      const std::uint64_t other = placed(target, fault_.element % target.count + step);
      const std::uint64_t theirs = target.memory->peek(offset_of(target, other), width);
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

class Armed : public ArmedFault {
 public:
  explicit Armed(std::shared_ptr<Strike> strike) : strike_(std::move(strike)) {}
  ~Armed() override {
    try {
      strike_->undo();
    } catch (const DeviceError&) {  // the device is lost: the next call says so
    }
  }
  Armed(const Armed&) = delete;
  Armed& operator=(const Armed&) = delete;
  [[nodiscard]] std::vector<Activation> activations() const override {
    return strike_->activations();
  }

 private:
  std::shared_ptr<Strike> strike_;
};

}  // namespace

std::unique_ptr<ArmedFault> Strikes::arm(const Fault& fault, FaultSite site) {
  if (fault.site != site || fault.kind == FaultKind::late || fault.kind == FaultKind::missing)
    return nullptr;
  auto strike = std::make_shared<Strike>(fault);
  auto armed = std::make_unique<Armed>(strike);
  const std::lock_guard lock(mutex_);
  armed_.push_back(std::move(strike));
  return armed;
}

void Strikes::begin() {
  const std::lock_guard lock(mutex_);
  active_ = std::exchange(armed_, {});
}

void Strikes::hit(const Target& target) {
  for (const auto& strike : active_) strike->hit(target);
}

}  // namespace rackproof::kernels
