// SPDX-License-Identifier: Apache-2.0
// Mix's products of matrices with fp32 FMA on whole vectors: all rounds, since the work is the
// point. Matrix units that take bf16 come to the same numbers.
#include "backends/cpu/mix_kernels.h"
#include "backends/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/mix_matrix_kernel.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

#include "core/mix_matrix.h"
#include "core/oracle.h"

HWY_BEFORE_NAMESPACE();
namespace rackproof::cpu::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_NATIVE_FMA
using mix::kTile;
using Floats = hn::CappedTag<float, kTile>;
using FloatVec = hn::Vec<Floats>;

// Rows of D that are made at once: eight sums, or FMAs would wait for each other's results.
constexpr std::uint64_t kLanes = hn::MaxLanes(Floats());
constexpr std::uint64_t kParts = kTile / kLanes, kRowsAtOnce = 8 / kParts;

// The operands of one tile, row after row.
struct alignas(64) Tile {
  float a[mix::kSummands][kTile][kTile], b[mix::kSummands][kTile][kTile];
};

template <class Place>
void lay_out(std::uint64_t seed, std::uint64_t first, const Place& place,
             float (&to)[kTile][kTile]) {
  std::uint64_t words[mix::kOperandWords];
  for (std::uint64_t w = 0; w < mix::kOperandWords; ++w) words[w] = pattern_word(seed, first + w);
  for (std::uint64_t row = 0; row < kTile; ++row) {
    for (std::uint64_t column = 0; column < kTile; ++column) {
      const mix::OperandPlace at = place(row, column);
      to[row][column] = static_cast<float>(mix::matrix_operand(words[at.word], at.byte));
    }
  }
}

struct Sums {
  FloatVec row[kRowsAtOnce][kParts];
};

HWY_INLINE void add_product(const float (*a)[kTile], const float (*b)[kTile], Sums& sums) {
  const Floats d;
  for (std::uint64_t k = 0; k < kTile; ++k) {
    for (std::uint64_t i = 0; i < kRowsAtOnce; ++i) {
      const FloatVec of_a = hn::Set(d, a[i][k]);
      for (std::uint64_t p = 0; p < kParts; ++p)
        sums.row[i][p] = hn::MulAdd(of_a, hn::Load(d, b[k] + p * kLanes), sums.row[i][p]);
    }
  }
}

// Rows from `first` on; the words hold pairs of columns, which is how they lie in a vector.
void make_rows(const Tile& tile, std::uint64_t first, std::uint64_t* words) {
  const Floats d;
  Sums sums;
  for (auto& row : sums.row) {
    for (FloatVec& sum : row) sum = hn::Zero(d);
  }
  for (std::uint64_t round = 0; round < mix::kMatrixRounds; ++round) {
    for (const auto& a : tile.a) {
      for (const auto& b : tile.b) add_product(a + first, b, sums);
    }
  }
  const hn::Repartition<std::uint64_t, Floats> pairs;
  for (std::uint64_t i = 0; i < kRowsAtOnce; ++i) {
    for (std::uint64_t p = 0; p < kParts; ++p)
      hn::Store(hn::BitCast(pairs, sums.row[i][p]), pairs,
                words + mix::word_of_result(0, first + i, p * kLanes));
  }
}

void matrix(std::uint64_t seed, std::uint64_t* block) {
  Tile tile;
  for (std::uint64_t t = 0; t < mix::kTiles; ++t) {
    for (std::uint64_t s = 0; s < mix::kSummands; ++s) {
      lay_out(seed, mix::first_word_of_a(t, s), mix::place_of_a, tile.a[s]);
      lay_out(seed, mix::first_word_of_b(t, s), mix::place_of_b, tile.b[s]);
    }
    for (std::uint64_t row = 0; row < kTile; row += kRowsAtOnce)
      make_rows(tile, row, block + mix::word_of_result(t, 0, 0));
  }
}
MixBlock matrix_here() { return matrix; }
#else
MixBlock matrix_here() { return nullptr; }
#endif

}  // namespace
}  // namespace rackproof::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::cpu {

HWY_EXPORT(matrix_here);
MixBlock mix_matrix_kernel() { return HWY_DYNAMIC_DISPATCH(matrix_here)(); }

}  // namespace rackproof::cpu
#endif
