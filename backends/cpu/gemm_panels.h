// SPDX-License-Identifier: Apache-2.0
// The operands of a product as they lie packed in memory: where each one is, whether it is still
// what the pattern says, and their digest.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "backends/cpu/gemm_blocks.h"
#include "backends/cpu/gemm_seal.h"
#include "backends/cpu/node.h"
#include "backends/cpu/strikes.h"
#include "core/device.h"

namespace rackproof::cpu {

/// Operands as read back from the panels, each compared with the pattern.
struct OperandState {
  std::uint64_t digest = 0;         ///< of all, as core/oracle.h has it
  std::uint64_t wrong = 0;          ///< how many are not what they should be
  std::vector<Miscompare> samples;  ///< the first of them; `core` is not filled in
};

/// Operands are numbered i * k + p for a, m * k + p * n + j for b; as elements of Miscompares these
/// numbers begin at m * n. Calls use all cores of the node.
template <class T>
class Panels {
 public:
  Panels(Node& node, const TileKernel<T>& tile, const Problem<T>& problem);

  /// Packs the operands of `pattern`.
  void place(std::uint64_t pattern);
  [[nodiscard]] Packed<T> packed() const {
    return {a_->template as<T>(), b_->template as<T>(), offsets_->template as<T>()};
  }
  [[nodiscard]] std::uint64_t row_panels() const { return rows_.panels; }
  [[nodiscard]] std::uint64_t column_panels() const { return columns_.panels; }
  /// How many operands there are.
  [[nodiscard]] std::uint64_t count() const { return problem_.k * (problem_.m + problem_.n); }

  /// Unpacks every operand and compares it with the pattern; each panel is read by another core
  /// than packed it. O(m k + k n).
  [[nodiscard]] OperandState state() const;
  /// Whether nothing changed since place(), padding and offsets included; at the speed of memory.
  [[nodiscard]] bool intact() const;
  /// For a change that is in no operand: the sum of what place() left, and of what is there.
  [[nodiscard]] Miscompare beyond_operands() const;

  /// All operands, for faults.
  [[nodiscard]] Target target() const;

 private:
  // Lines of one operand (rows of a, columns of b), `each` to a panel.
  struct Side {
    std::uint64_t lines = 0, each = 0, panels = 0;
  };
  struct Seals {
    Seal a, b, offsets;
    friend bool operator==(const Seals&, const Seals&) = default;
    [[nodiscard]] std::uint64_t sum() const { return a.sum + b.sum + offsets.sum; }
  };

  [[nodiscard]] Seals seals() const;
  [[nodiscard]] Slot slot(std::uint64_t operand) const;
  [[nodiscard]] std::uint64_t packed_index(const Side& side, std::uint64_t line,
                                           std::uint64_t step) const;
  [[nodiscard]] T unpacked(T element, unsigned product, bool is_a) const;
  void read_a(std::uint64_t panel, OperandState& state) const;
  void read_b(std::uint64_t panel, OperandState& state) const;
  void judge(std::uint64_t operand, T right, T held, OperandState& state) const;

  Threads& threads_;
  TileKernel<T> tile_;
  Problem<T> problem_;
  Side rows_, columns_;
  std::uint64_t depth_, pattern_ = 0;
  std::shared_ptr<NodeMemory> a_, b_, offsets_;
  Seals placed_;
};

}  // namespace rackproof::cpu
