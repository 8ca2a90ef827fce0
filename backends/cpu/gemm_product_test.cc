// SPDX-License-Identifier: Apache-2.0
// Products by the kernels, whose signs alternate: one that was not computed is not taken for the
// one before.
#include "backends/cpu/gemm_product.h"

#include <gtest/gtest.h>

#include <vector>

#include "backends/cpu/device_under_test.h"
#include "backends/cpu/gemm_oracle.h"

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kPattern = 5;

template <class T>
std::uint64_t differences(const Product<T>& product, const std::vector<T>& right) {
  std::uint64_t wrong = 0;
  for (std::size_t i = 0; i < right.size(); ++i) {
    const T got = product.sign().turned(product.elements()[i]);
    wrong += bits_of(got) == bits_of(right[i]) ? 0 : 1;
  }
  return wrong;
}

template <class T>
struct Multiplied {
  Multiplied(std::uint64_t k, DType in, DType acc)
      : problem{29, 70, k, Operands::exact, exact_bound(in, acc, static_cast<std::int64_t>(k)), in},
        node(node_with_cores(2)),
        product(*node, problem),
        right(problem.elements()) {
    product.place_operands(kPattern);
    for (std::uint64_t i = 0; i < problem.m; ++i)
      right_row(problem, kPattern, i, right.data() + i * problem.n);
  }
  Problem<T> problem;
  std::shared_ptr<Node> node;
  Product<T> product;
  std::vector<T> right;
};

template <class T>
void expect_each_product_its_own(DType in, DType acc) {
  for (const std::uint64_t k : {33, 500}) {  // one block of steps, and three
    Multiplied<T> on(k, in, acc);
    for (int turn = 0; turn < 3; ++turn) {
      on.product.multiply();
      EXPECT_EQ(differences(on.product, on.right), 0U) << turn;
    }
    on.product.next_turn();  // and nobody multiplies
    EXPECT_GT(differences(on.product, on.right), on.right.size() * 9 / 10);
  }
}

TEST(CpuProduct, ThatWasNotComputedIsNotTakenForTheOneBefore) {
  expect_each_product_its_own<std::int32_t>(DType::i8, DType::i32);
  expect_each_product_its_own<float>(DType::fp32, DType::fp32);
  expect_each_product_its_own<double>(DType::fp64, DType::fp64);
}

TEST(CpuProduct, OfWhichACoreStoredNothingLacksItsSlice) {
  Multiplied<float> on(33, DType::fp32, DType::fp32);
  on.product.multiply();
  on.product.next_turn();
  on.product.multiply_slice_of(0);
  const Slice lost = on.product.computed_by(1);
  const std::uint64_t elements =
      (lost.rows.last - lost.rows.first) * (lost.columns.last - lost.columns.first);
  EXPECT_EQ(differences(on.product, on.right), elements);
}

}  // namespace
}  // namespace rackproof::cpu
