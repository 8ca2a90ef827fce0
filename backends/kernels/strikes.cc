// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/strikes.h"

#include <utility>

#include "backends/kernels/number_formats.h"

namespace rackproof::kernels {
namespace {

// Reads and writes on a queue of their own, while nothing else is under way there.
class Cell : public StruckCell {
 public:
  Cell(const Target& target, std::uint64_t element)
      : memory_(target.memory),
        type_(target.type),
        operand_(target.operands),
        width_(target.words ? 8 : size_of(target.type)) {
    const std::uint64_t position = target.position ? target.position(element) : element;
    offset_ = (target.start + position) * width_;
  }
  [[nodiscard]] std::uint64_t load() const override { return memory_->peek(offset_, width_); }
  void store(std::uint64_t bits) const override { memory_->poke(offset_, width_, bits); }
  [[nodiscard]] std::uint64_t generation() const override { return memory_->generation(); }
  [[nodiscard]] std::uint64_t shown(std::uint64_t bits) const override {
    return operand_ ? accumulator_bits(type_, bits) : bits;
  }

 private:
  std::shared_ptr<Memory> memory_;
  DType type_;
  bool operand_;
  unsigned width_;
  std::uint64_t offset_ = 0;
};

}  // namespace

void Strikes::hit(const Target& target) {
  if (!any()) return;
  rackproof::Strikes::hit(
      {target.count, target.type, target.words,
       [&](std::uint64_t element) { return std::make_unique<Cell>(target, element); }, target.place,
       target.first_element});
}

}  // namespace rackproof::kernels
