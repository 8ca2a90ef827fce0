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

/// How the elements of c differ from those of a b; the numbers are gemm.cl's.
enum class Sign : std::uint32_t {
  plain = 0,
  negated = 1,        ///< a float's sign bit is flipped, an integer negated
  negated_not_0 = 2,  ///< +0 stays +0: the library adds +0 to a product times -1
};
/// Puts the sign on the bits of an accumulator, or takes it back.
[[nodiscard]] std::uint64_t with_sign(std::uint64_t bits, DType acc, Sign sign);

/// Every product has the other sign than the one before, so that what that one left in memory is
/// not taken for this one's. Findings show the words as they lie in memory; digests and residues
/// are of a b, the sign taken back.
///
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
  /// What the last product put on its elements.
  [[nodiscard]] Sign sign() const { return turn_ % 2 == 0 ? Sign::plain : other_; }
  /// Who computed it last, read from the device; kUnknownCore: nobody says.
  [[nodiscard]] std::uint32_t core_of(std::uint64_t tile) const;

  /// The vendor's library chooses its algorithm now, which takes it seconds, on operands of any
  /// pattern; how it negates is learned.
  void settle();
  void place_operands(std::uint64_t pattern);
  void multiply();
  /// Compares all elements: the last product's with `right`, which is of plain sign.
  void compare(const Memory& right, const Ledger& ledger);
  /// Compares elements of plain sign with the last product's.
  void compare_with_last(const Memory& elements, const Ledger& ledger);
  /// Compares all operands with the pattern; the digest is that of core/oracle.h.
  void check_operands(std::uint64_t pattern, const Ledger& ledger);
  /// The digest of the elements, for ledger.take_digest().
  void digest(const Memory& elements, const Ledger& ledger);
  /// Every row of `elements` times v, modulo 2^61 - 1.
  [[nodiscard]] std::vector<std::uint64_t> residues(const Memory& elements,
                                                    const std::vector<std::uint64_t>& v);
  /// `count` elements from `first` on, `step` apart (1 or n), as the bits that lie in memory.
  [[nodiscard]] std::vector<std::uint64_t> read(std::uint64_t first, std::uint64_t step,
                                                std::uint64_t count) const;
  /// Copies a b, of plain sign.
  void copy_to(const Memory& to);

 private:
  struct Matrix;
  [[nodiscard]] Sign sign_of(const Memory& elements) const;
  [[nodiscard]] bool start_library(bool negated);
  [[nodiscard]] std::vector<std::uint64_t> row_of_library(bool negated);
  [[nodiscard]] Sign sign_of_library();
  void compare(const Memory& got, const Memory& right, const Ledger& ledger);
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
  Sign other_ = Sign::negated;  // of every other product; plain: c is spoilt before each instead
  bool in_order_;
  std::unique_ptr<Multiplier> multiplier_;  // the vendor's; null: gemm.cl
  std::shared_ptr<Memory> operands_, c_;
  Buffer owners_, v_, residues_;
  Kernel place_, check_, multiply_, compare_, take_, digest_, row_residues_;
};

}  // namespace rackproof::kernels
