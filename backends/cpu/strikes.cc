// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/strikes.h"

#include <cstring>
#include <utility>

namespace rackproof::cpu {
namespace {

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

class Cell : public StruckCell {
 public:
  explicit Cell(Slot slot) : slot_(std::move(slot)) {}
  [[nodiscard]] std::uint64_t load() const override {
    return cpu::load(slot_.memory->data() + slot_.offset, slot_.width) ^ slot_.bias;
  }
  void store(std::uint64_t bits) const override {
    cpu::store(slot_.memory->data() + slot_.offset, slot_.width, bits ^ slot_.bias);
  }
  [[nodiscard]] std::uint64_t generation() const override { return slot_.memory->generation(); }
  [[nodiscard]] std::uint64_t shown(std::uint64_t bits) const override {
    if (!slot_.widened) return bits;
    const unsigned unused = 64 - 8 * slot_.width;
    return static_cast<std::uint32_t>(static_cast<std::int64_t>(bits << unused) >> unused);
  }

 private:
  Slot slot_;
};

Slot slot_of(const Target& target, std::uint64_t element) {
  if (target.slot) return target.slot(element);
  const unsigned width = target.words ? 8 : size_of(target.type);
  return {target.memory, element * width, width};
}

}  // namespace

void Strikes::hit(const Target& target) {
  if (!any()) return;
  rackproof::Strikes::hit(
      {target.count, target.type, target.words,
       [&](std::uint64_t element) { return std::make_unique<Cell>(slot_of(target, element)); },
       target.place, target.first});
}

}  // namespace rackproof::cpu
