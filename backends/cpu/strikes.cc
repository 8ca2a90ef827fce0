// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/strikes.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace rackproof::cpu {
namespace {

unsigned width_of(const Target& target) { return target.words ? 8 : size_of(target.type); }

std::uint64_t low_bits(unsigned width, std::uint64_t bits) {
  return width == 8 ? bits : bits & ((1ULL << (8 * width)) - 1);
}

// Keeps reads and writes in their order: what is observed must come from memory.
void fence() { asm volatile("" ::: "memory"); }

std::uint64_t load(const std::byte* at, unsigned width) {
  std::uint64_t bits = 0;
  fence();
  std::memcpy(&bits, at, width);  // the low bytes come first on every CPU that Debian supports here
  fence();
  return bits;
}

void store(std::byte* at, unsigned width, std::uint64_t bits) {
  fence();
  std::memcpy(at, &bits, width);
  fence();
}

bool is(const Target& target, DType type) { return !target.words && target.type == type; }

std::uint64_t nan_bits(const Target& target) {
  if (is(target, DType::fp32)) return 0x7fc00000U;
  if (is(target, DType::fp64)) return 0x7ff8000000000000ULL;
  return low_bits(width_of(target), ~0ULL);
}

std::uint64_t inf_bits(const Target& target) {
  if (is(target, DType::fp32)) return 0x7f800000U;
  if (is(target, DType::fp64)) return 0x7ff0000000000000ULL;
  return low_bits(width_of(target), ~0ULL) >> 1;
}

std::uint64_t flipped(const Target& target, std::uint64_t bits, std::uint64_t mask) {
  return bits ^ mask_for(mask, width_of(target));
}

// Of the j-th element that the fault strikes.
std::uint64_t wrong_bits(const Target& target, const Fault& fault, std::uint64_t j,
                         std::uint64_t before) {
  switch (fault.kind) {
    case FaultKind::zero:
      return 0;
    case FaultKind::nan:
      return nan_bits(target);
    case FaultKind::inf:
      return inf_bits(target);
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

Slot slot_of(const Target& target, std::uint64_t element) {
  if (target.slot) return target.slot(element);
  return {target.memory, element * width_of(target), width_of(target)};
}

}  // namespace

// One fault from arming to undoing.
class Strike {
 public:
  explicit Strike(const Fault& fault) : fault_(fault) {}

  void hit(const Target& target) {
    const std::lock_guard lock(mutex_);
    if (cancelled_ || target.count == 0) return;
    if (!changes_.empty()) {
      if (fault_.kind == FaultKind::stuck) repeat();
      return;
    }
    if (std::exchange(struck_, true)) return;
    if (fault_.kind == FaultKind::swap) return exchange(target);
    strike(target);
  }

  // Puts back what still stands as the fault left it. Where something was written meanwhile, the
  // same bits may be the right ones.
  void undo() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    for (const Change& c : changes_) {
      if (c.slot.memory->generation() != c.generation) continue;
      if (c.bits() == c.after) c.put(c.before);
    }
  }

  [[nodiscard]] std::vector<Activation> activations() const {
    const std::lock_guard lock(mutex_);
    std::vector<Activation> all;
    for (const Change& c : changes_)
      all.push_back({c.element, c.named(c.before), c.named(c.after)});
    return all;
  }

 private:
  struct Change {
    Slot slot;
    std::uint64_t element = 0;  // as activations name it
    std::uint64_t before = 0, after = 0;
    std::uint64_t generation = 0;  // of the memory when it was struck last

    [[nodiscard]] std::uint64_t bits() const {
      return load(slot.memory->data() + slot.offset, slot.width) ^ slot.bias;
    }
    void put(std::uint64_t bits) const {
      store(slot.memory->data() + slot.offset, slot.width, bits ^ slot.bias);
    }
    [[nodiscard]] std::uint64_t named(std::uint64_t bits) const {
      if (!slot.widened) return bits;
      const unsigned unused = 64 - 8 * slot.width;
      return static_cast<std::uint32_t>(static_cast<std::int64_t>(bits << unused) >> unused);
    }
  };

  static std::uint64_t placed(const Target& target, std::uint64_t element) {
    const std::uint64_t e = element % target.count;
    return target.place ? target.place(e) : e;
  }

  // No element twice, since that would undo what a flip did.
  void strike(const Target& target) {
    const Reach reach = reach_of(fault_);
    const std::uint64_t first = fault_.element % target.count, stride = reach.stride % target.count;
    std::set<std::uint64_t> struck;
    std::uint64_t at = first;
    for (std::uint64_t j = 0; j < std::min(reach.count, target.count); ++j) {
      if (j > 0 && at == first) return;  // once around
      const std::uint64_t element = placed(target, at);
      if (struck.insert(element).second) {
        const std::uint64_t before = Change{slot_of(target, element)}.bits();
        change(target, element, wrong_bits(target, fault_, j, before));
      }
      at = (at + stride) % target.count;
    }
  }

  void change(const Target& target, std::uint64_t element, std::uint64_t wrong) {
    Change c{slot_of(target, element), target.first + element};
    c.generation = c.slot.memory->generation();
    c.before = c.bits();
    c.put(wrong);
    c.after = c.bits();
    if (c.after != c.before) changes_.push_back(std::move(c));
  }

  // The same wrong answer again, whatever the right one would have been.
  void repeat() {
    for (Change& c : changes_) {
      c.put(c.after);
      c.generation = c.slot.memory->generation();
    }
  }

  // With the next element that holds something else; where all are equal, nothing can change.
  void exchange(const Target& target) {
    constexpr std::uint64_t kFarthest = 256;
    const std::uint64_t first = placed(target, fault_.element);
    const std::uint64_t mine = Change{slot_of(target, first)}.bits();
    for (std::uint64_t step = 1; step < std::min(kFarthest, target.count); ++step) {
      const std::uint64_t other = placed(target, fault_.element % target.count + step);
      const std::uint64_t theirs = Change{slot_of(target, other)}.bits();
      if (theirs == mine) continue;
      change(target, first, theirs);
      return change(target, other, mine);
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
  ~Armed() override { strike_->undo(); }
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

}  // namespace rackproof::cpu
