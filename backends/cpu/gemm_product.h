// SPDX-License-Identifier: Apache-2.0
// C as the kernels compute it: packed operands, and which core takes which slice in which turn.
#pragma once

#include <cstdint>
#include <memory>

#include "backends/cpu/gemm_blocks.h"
#include "backends/cpu/gemm_panels.h"
#include "backends/cpu/node.h"

namespace rackproof::cpu {

inline const TileKernel<std::int32_t>& tile_of(const GemmKernels& kernels, std::int32_t) {
  return kernels.i8;
}
inline const TileKernel<float>& tile_of(const GemmKernels& kernels, float) { return kernels.fp32; }
inline const TileKernel<double>& tile_of(const GemmKernels& kernels, double) {
  return kernels.fp64;
}

/// Every product has the other sign than the one before, so that what that one left in memory is
/// not taken for this one's. Slices move on by one core with every product, so that no core keeps
/// its elements to itself.
template <class T>
class Product {
 public:
  Product(Node& node, const Problem<T>& problem)
      : threads_(node.threads()),
        problem_(problem),
        tile_(tile_of(gemm_kernels(), T{})),
        panels_(node, tile_, problem),
        grid_(panels_.row_panels(), panels_.column_panels(), node.cores()),
        c_(node.allocate(problem.elements() * sizeof(T), Place::device)) {}

  void place_operands(std::uint64_t pattern) { panels_.place(pattern); }
  [[nodiscard]] const Panels<T>& operands() const { return panels_; }

  /// Hands every slice on to the next core; no core may be multiplying.
  void next_turn() { ++turn_; }
  /// The slice that is `core`'s in this turn; from that core.
  void multiply_slice_of(unsigned core) {
    const Slice slice = grid_.slice((core + turn_) % threads_.count());
    if (slice.empty()) return;
    multiply_slice(tile_, problem_, panels_.packed(), slice, c_->as<T>(), negated());
  }
  /// A turn, whole.
  void multiply() {
    next_turn();
    threads_.run([&](unsigned core) { multiply_slice_of(core); });
  }

  /// Of the elements since the turn just done; the first turn's are a b itself.
  [[nodiscard]] Sign sign() const { return negated() ? kNegated<T> : Sign{}; }
  /// The rows and columns of C that `core` computed in the turn just done.
  [[nodiscard]] Slice computed_by(unsigned core) const {
    const Slice panels = grid_.slice((core + turn_) % threads_.count());
    return {elements_of(panels.rows, tile_.rows, problem_.m),
            elements_of(panels.columns, tile_.columns, problem_.n)};
  }
  /// The core that computed an element in the turn just done.
  [[nodiscard]] unsigned owner_of(std::uint64_t element) const {
    const auto holds = [](const Range& r, std::uint64_t x) { return x >= r.first && x < r.last; };
    for (unsigned core = 0; core < threads_.count(); ++core) {
      const Slice slice = computed_by(core);
      if (holds(slice.rows, element / problem_.n) && holds(slice.columns, element % problem_.n))
        return core;
    }
    return 0;
  }

  /// A core that uses an operand in that turn; for b, of several the first.
  [[nodiscard]] unsigned user_of(std::uint64_t operand) const {
    const std::uint64_t of_a = problem_.m * problem_.k;
    if (operand < of_a) return owner_of(operand / problem_.k * problem_.n);
    return owner_of((operand - of_a) % problem_.n);
  }
  /// Number of the register tile that an element is made in.
  [[nodiscard]] std::uint64_t tile_of_element(std::uint64_t element) const {
    const std::uint64_t row = element / problem_.n, column = element % problem_.n;
    return row / tile_.rows * panels_.column_panels() + column / tile_.columns;
  }

  [[nodiscard]] const std::shared_ptr<NodeMemory>& memory() const { return c_; }
  [[nodiscard]] const T* elements() const { return c_->as<const T>(); }

 private:
  [[nodiscard]] bool negated() const { return turn_ % 2 == 0; }
  static Range elements_of(const Range& panels, std::uint64_t each, std::uint64_t count) {
    return {panels.first * each, std::min(count, panels.last * each)};
  }

  Threads& threads_;
  Problem<T> problem_;
  TileKernel<T> tile_;
  Panels<T> panels_;
  Grid grid_;
  std::shared_ptr<NodeMemory> c_;
  std::uint64_t turn_ = 0;
};

}  // namespace rackproof::cpu
