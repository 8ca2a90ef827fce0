// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/strikes.h"

#include <algorithm>
#include <cstring>

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

std::uint64_t nan_bits(const Target& target) {
  if (!target.words && target.type == DType::fp32) return 0x7fc00000U;
  if (!target.words && target.type == DType::fp64) return 0x7ff8000000000000ULL;
  return low_bits(width_of(target), ~0ULL);
}

std::uint64_t wrong_bits(const Target& target, const Fault& fault, std::uint64_t before) {
  const std::uint64_t mask = low_bits(width_of(target), fault.mask);
  switch (fault.kind) {
    case FaultKind::zero:
      return 0;
    case FaultKind::nan:
      return nan_bits(target);
    default:
      return before ^ (mask != 0 ? mask : 1);
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
    if (!changes_.empty()) {
      if (fault_.kind == FaultKind::stuck) repeat();
      return;
    }
    if (std::exchange(struck_, true)) return;
    if (fault_.kind == FaultKind::swap) return exchange(target);
    const std::uint64_t element = placed(target, fault_.element);
    const std::uint64_t before =
        load(target.memory->data() + element * width_of(target), width_of(target));
    change(target, element, wrong_bits(target, fault_, before));
  }

  // Puts back what still stands as the fault left it. Where something was written meanwhile, the
  // same bits may be the right ones.
  void undo() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    for (const Change& c : changes_) {
      if (c.memory->generation() != c.generation) continue;
      if (load(c.at(), c.width) == c.seen.after) store(c.at(), c.width, c.seen.before);
    }
  }

  [[nodiscard]] std::vector<Activation> activations() const {
    const std::lock_guard lock(mutex_);
    std::vector<Activation> all;
    for (const Change& c : changes_) all.push_back(c.seen);
    return all;
  }

 private:
  struct Change {
    std::shared_ptr<NodeMemory> memory;
    unsigned width = 8;
    Activation seen;
    std::uint64_t generation = 0;  // of the memory when it was struck last
    [[nodiscard]] std::byte* at() const { return memory->data() + seen.element * width; }
  };

  static std::uint64_t placed(const Target& target, std::uint64_t element) {
    const std::uint64_t e = element % target.count;
    return target.place ? target.place(e) : e;
  }

  void change(const Target& target, std::uint64_t element, std::uint64_t wrong) {
    Change c{target.memory, width_of(target), {element, 0, 0}, target.memory->generation()};
    c.seen.before = load(c.at(), c.width);
    store(c.at(), c.width, wrong);
    c.seen.after = load(c.at(), c.width);
    if (c.seen.after != c.seen.before) changes_.push_back(std::move(c));
  }

  // The same wrong answer again, whatever the right one would have been.
  void repeat() {
    for (Change& c : changes_) {
      store(c.at(), c.width, c.seen.after);
      c.generation = c.memory->generation();
    }
  }

  // With the next element that holds something else; where all are equal, nothing can change.
  void exchange(const Target& target) {
    constexpr std::uint64_t kFarthest = 256;
    const unsigned width = width_of(target);
    const std::uint64_t first = placed(target, fault_.element);
    const std::uint64_t mine = load(target.memory->data() + first * width, width);
    for (std::uint64_t step = 1; step < std::min(kFarthest, target.count); ++step) {
      const std::uint64_t other = placed(target, fault_.element % target.count + step);
      const std::uint64_t theirs = load(target.memory->data() + other * width, width);
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
