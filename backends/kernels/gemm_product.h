// SPDX-License-Identifier: Apache-2.0
// One product on the card: its operands, its tiles shared out to the lanes, and the passes over
// them. Nothing here judges.
#pragma once

#include <optional>
#include <vector>

#include "backends/kernels/gemm_problem.h"
#include "backends/kernels/ledger.h"
#include "backends/kernels/memory.h"

namespace rackproof::kernels {

/// Slices of tiles move on by one lane with every product, and a lane compares what another one
/// computed, so that no lane keeps its elements to itself.
class Product {
 public:
  Product(std::shared_ptr<Card> card, Lanes& lanes, const Problem& problem);

  [[nodiscard]] const std::shared_ptr<Memory>& operands() const { return operands_; }
  [[nodiscard]] const std::shared_ptr<Memory>& memory() const { return c_; }
  [[nodiscard]] std::uint64_t tiles() const { return tiles_; }
  /// The digests that a ledger of this product needs.
  [[nodiscard]] std::uint64_t groups() const;
  [[nodiscard]] std::uint64_t tile_of(std::uint64_t element) const;
  /// Where operand `element` lies among all of them.
  [[nodiscard]] std::uint64_t operand_place(std::uint64_t element) const;
  [[nodiscard]] double roundoff() const { return multiplier_ ? multiplier_->roundoff() : 0; }
  /// The vendor's algorithm; "" where gemm.cl multiplies.
  [[nodiscard]] std::string algorithm() const { return multiplier_ ? multiplier_->describe() : ""; }
  /// Who computed it last, read from the device; kUnknownCore: nobody says.
  [[nodiscard]] std::uint32_t core_of(std::uint64_t tile) const;

  /// The vendor's library chooses its algorithm now, which takes it seconds, on operands of any
  /// pattern.
  void settle();
  void place_operands(std::uint64_t pattern);
  void multiply();
  /// Compares all elements; the digest is of `got`.
  void compare(const Memory& got, const Memory& right, const Ledger& ledger);
  /// Compares all operands with the pattern; the digest is that of core/oracle.h.
  void check_operands(std::uint64_t pattern, const Ledger& ledger);
  /// The digest of the elements, for ledger.take_digest().
  void digest(const Memory& elements, const Ledger& ledger);
  /// Every row of `elements` times v, modulo 2^61 - 1.
  [[nodiscard]] std::vector<std::uint64_t> residues(const Memory& elements,
                                                    const std::vector<std::uint64_t>& v);
  /// `count` elements from `first` on, `step` apart (1 or n), as bits.
  [[nodiscard]] std::vector<std::uint64_t> read(std::uint64_t first, std::uint64_t step,
                                                std::uint64_t count) const;
  void copy_to(const Memory& to);

 private:
  struct Matrix;
  [[nodiscard]] std::vector<Matrix> matrices() const;
  [[nodiscard]] Kernel kernel(const char* name, std::uint64_t items) const;
  [[nodiscard]] std::shared_ptr<Memory> allocate(std::uint64_t size_bytes) const;
  [[nodiscard]] unsigned width() const { return size_of(problem_.acc); }
  void set_matrix(Kernel& kernel, const Matrix& matrix, const Range& mine, std::uint64_t pattern);
  template <class Start>
  void each_share(std::uint64_t count, std::uint64_t turn, const Start& start);

  std::shared_ptr<Card> card_;
  Lanes& lanes_;
  Problem problem_;
  std::uint64_t tiles_, turn_ = 0;
  bool in_order_;
  std::unique_ptr<Multiplier> multiplier_;  // the vendor's; null: gemm.cl
  std::shared_ptr<Memory> operands_, c_;
  Buffer owners_, v_, residues_;
  Kernel place_, check_, multiply_, compare_, digest_, row_residues_;
};

}  // namespace rackproof::kernels
