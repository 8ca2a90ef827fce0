// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/gemm_product.h"

#include <algorithm>
#include <cstring>

#include "backends/kernels/sources.h"

namespace rackproof::kernels {
namespace {

constexpr std::uint64_t kTile = 64, kTileItems = 256;  // as in gemm.cl

std::uint64_t pieces(std::uint64_t count, std::uint64_t each) { return (count + each - 1) / each; }
std::uint32_t narrow(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

std::vector<std::uint64_t> widened(const std::vector<std::byte>& bytes, unsigned width) {
  std::vector<std::uint64_t> words(bytes.size() / width, 0);
  for (std::size_t i = 0; i < words.size(); ++i)
    std::memcpy(&words[i], bytes.data() + i * width, width);
  return words;
}

}  // namespace

std::uint64_t with_sign(std::uint64_t bits, DType acc, Sign sign) {
  if (sign == Sign::plain) return bits;
  if (acc == DType::i32) return narrow(0 - bits);
  const std::uint64_t sign_bit = 1ULL << (size_of(acc) * 8 - 1);
  return sign == Sign::negated_not_0 && (bits & ~sign_bit) == 0 ? bits : bits ^ sign_bit;
}

// One of the two operands among all of them.
struct Product::Matrix {
  std::uint64_t start, count, columns;
  std::uint64_t rows;  // to a column where it lies column by column; 0: row by row
  Stream stream;
  bool sparse;
};

std::vector<Product::Matrix> Product::matrices() const {
  const std::uint64_t a = problem_.m * problem_.k, b = problem_.k * problem_.n;
  return {{0, a, problem_.k, 0, Stream::a, problem_.sparse()},
          {a, b, problem_.n, multiplier_ ? problem_.k : 0, Stream::b, false}};
}

Product::Product(std::shared_ptr<Card> card, Lanes& lanes, const Problem& problem)
    : card_(std::move(card)),
      lanes_(lanes),
      problem_(problem),
      tiles_(pieces(problem.m, kTile) * pieces(problem.n, kTile)),
      in_order_(card_->traits().cpu),
      multiplier_(card_->driver().multiplier(problem)),
      operands_(allocate(problem.operand_elements() * size_of(problem.in))),
      c_(allocate(problem.elements() * size_of(problem.acc))),
      owners_(card_->buffer(tiles_ * sizeof(std::uint32_t))),
      v_(card_->buffer(problem.n * sizeof(std::uint64_t))),
      residues_(card_->buffer(problem.m * sizeof(std::uint64_t))),
      packed_(card_->buffer(packs() ? problem.operand_elements() / 2 : 64)),
      place_(kernel("place_operands", group_items(*card_))),
      check_(kernel("check_operands", group_items(*card_))),
      multiply_(kernel(in_order_ ? "multiply_in_order" : "multiply", group_items(*card_))),
      compare_(kernel("compare", group_items(*card_))),
      take_(kernel("take_elements", group_items(*card_))),
      digest_(kernel("digest_elements", group_items(*card_))),
      row_residues_(kernel("row_residues", group_items(*card_))) {
  if (!multiplier_) return;
  const std::vector<std::uint32_t> unknown(tiles_, kUnknownCore);
  card_->write(owners_.get(), 0, tiles_ * sizeof(std::uint32_t), unknown.data());
}

std::uint64_t Product::operand_place(std::uint64_t element) const {
  const std::uint64_t a = problem_.m * problem_.k;
  if (!multiplier_ || element < a) return element;
  const std::uint64_t row = (element - a) / problem_.n, column = (element - a) % problem_.n;
  return a + column * problem_.k + row;
}

Kernel Product::kernel(const char* name, std::uint64_t items) const {
  const std::string type(rackproof::name(problem_.in));
  return {*card_,
          source_of(*card_, "gemm_" + type, {embedded::kernels_gemm}, items, "-DTYPE_" + type),
          name};
}

std::shared_ptr<Memory> Product::allocate(std::uint64_t size_bytes) const {
  return std::make_shared<Memory>(card_, pieces(size_bytes, 64) * 64, Place::device, true);
}

std::uint64_t Product::groups() const {
  return std::max(tiles_, std::uint64_t{lanes_.count()} * lane_groups(*card_));
}

std::uint64_t Product::tile_of(std::uint64_t element) const {
  return element / problem_.n / kTile * pieces(problem_.n, kTile) + element % problem_.n / kTile;
}

std::uint32_t Product::core_of(std::uint64_t tile) const {
  std::uint32_t core = 0;
  card_->read(owners_.get(), tile * sizeof core, sizeof core, &core);
  return core < card_->cores() ? core : kUnknownCore;
}

// start(lane, share) for every lane that has one; what follows sees it done.
template <class Start>
void Product::each_share(std::uint64_t count, std::uint64_t turn, const Start& start) {
  lanes_.join();
  for (std::uint32_t lane = 0; lane < lanes_.count(); ++lane) {
    const Range mine = share(count, (lane + turn) % lanes_.count(), lanes_.count());
    if (!mine.empty()) start(lane, mine);
  }
  lanes_.join();
}

void Product::set_matrix(Kernel& kernel, const Matrix& matrix, const Range& mine,
                         std::uint64_t pattern) {
  kernel.set(0, operands_->buffer(), matrix.start, mine.first, mine.last, pattern,
             static_cast<std::uint64_t>(matrix.stream), matrix.columns, matrix.rows,
             std::uint32_t{matrix.sparse}, problem_.bound);
}

void Product::settle() {
  if (!multiplier_) return;
  place_operands(0);
  other_ = sign_of_library();
}

// The library's own copy of 4-bit operands; what changes in it shows in the product.
void Product::pack() {
  Kernel pack = kernel("pack_operands", group_items(*card_));
  each_share(problem_.operand_elements() / 2, 0, [&](std::uint32_t lane, const Range& mine) {
    pack.set(0, operands_->buffer(), mine.first, mine.last, packed_.get());
    lanes_.start(lane, pack, lane_groups(*card_), group_items(*card_));
  });
}

void Product::operands_changed() {
  if (packs()) pack();
}

bool Product::start_library(bool negated) {
  const std::uint64_t bytes_of_a = problem_.m * problem_.k * size_of(problem_.in);
  const Handle a = packs() ? packed_.get() : operands_->buffer();
  const Handle b = a + (packs() ? bytes_of_a / 2 : bytes_of_a);
  return multiplier_->multiply(lanes_.queue(), a, b, c_->buffer(), negated);
}

// The first row of its product; none where it does not take the sign.
std::vector<std::uint64_t> Product::row_of_library(bool negated) {
  if (!start_library(negated)) return {};
  return read(0, 1, problem_.n);
}

// Plain where it does not negate, as its interface leaves open for integers. A product of zeros
// tells what becomes of +0: some kernels add beta * c = +0 to alpha * (a b) = -0.
Sign Product::sign_of_library() {
  const auto plain = row_of_library(false), negated = row_of_library(true);
  const auto opposite = [&](std::uint64_t x, std::uint64_t y) {
    return y == with_sign(x, problem_.acc, Sign::negated) ||
           y == with_sign(x, problem_.acc, Sign::negated_not_0);
  };
  if (!std::ranges::equal(plain, negated, opposite)) return Sign::plain;
  card_->driver().zero(lanes_.queue(), operands_->buffer(),
                       problem_.operand_elements() * size_of(problem_.in));
  operands_changed();
  return row_of_library(true).at(0) == 0 ? Sign::negated_not_0 : Sign::negated;
}

void Product::place_operands(std::uint64_t pattern) {
  operands_->changed();
  for (const Matrix& matrix : matrices()) {
    each_share(matrix.count, 0, [&](std::uint32_t lane, const Range& mine) {
      set_matrix(place_, matrix, mine, pattern);
      lanes_.start(lane, place_, lane_groups(*card_), group_items(*card_));
    });
  }
  operands_changed();
}

void Product::check_operands(std::uint64_t pattern, const Ledger& ledger) {
  for (const Matrix& matrix : matrices()) {
    each_share(matrix.count, 1, [&](std::uint32_t lane, const Range& mine) {
      set_matrix(check_, matrix, mine, pattern);
      check_.set(10, problem_.elements());
      ledger.set(check_, 11, lane * lane_groups(*card_), lane);
      lanes_.start(lane, check_, lane_groups(*card_), group_items(*card_));
    });
  }
}

void Product::multiply() {
  c_->changed();
  ++turn_;
  if (multiplier_) {
    if (other_ == Sign::plain)
      card_->driver().zero(lanes_.queue(), c_->buffer(), problem_.elements() * width());
    if (!start_library(sign() != Sign::plain))
      throw DeviceError(card_->id() + ": the library does not negate products any more");
    return;
  }
  each_share(tiles_, turn_, [&](std::uint32_t lane, const Range& mine) {
    multiply_.set(0, operands_->buffer(), problem_.m * problem_.k, c_->buffer(), narrow(problem_.m),
                  narrow(problem_.n), narrow(problem_.k), narrow(mine.first), owners_.get(),
                  static_cast<std::uint32_t>(sign()), lane);
    lanes_.start(lane, multiply_, mine.last - mine.first, in_order_ ? 1 : kTileItems);
  });
}

Sign Product::sign_of(const Memory& elements) const {
  return &elements == c_.get() ? sign() : Sign::plain;
}

void Product::compare(const Memory& right, const Ledger& ledger) { compare(*c_, right, ledger); }

void Product::compare_with_last(const Memory& elements, const Ledger& ledger) {
  compare(elements, *c_, ledger);
}

void Product::compare(const Memory& got, const Memory& right, const Ledger& ledger) {
  each_share(tiles_, turn_ + 1, [&](std::uint32_t lane, const Range& mine) {
    compare_.set(0, got.buffer(), right.buffer(), narrow(problem_.m), narrow(problem_.n),
                 narrow(mine.first), static_cast<std::uint32_t>(sign()), owners_.get());
    ledger.set(compare_, 7, narrow(mine.first), lane);
    lanes_.start(lane, compare_, mine.last - mine.first, group_items(*card_));
  });
}

void Product::digest(const Memory& elements, const Ledger& ledger) {
  each_share(problem_.elements(), turn_ + 1, [&](std::uint32_t lane, const Range& mine) {
    digest_.set(0, elements.buffer(), mine.first, mine.last,
                static_cast<std::uint32_t>(sign_of(elements)), ledger.digests(),
                lane * lane_groups(*card_));
    lanes_.start(lane, digest_, lane_groups(*card_), group_items(*card_));
  });
}

std::vector<std::uint64_t> Product::residues(const Memory& elements,
                                             const std::vector<std::uint64_t>& v) {
  lanes_.finish();
  card_->write(v_.get(), 0, v.size() * sizeof(std::uint64_t), v.data());
  each_share(problem_.m, turn_ + 1, [&](std::uint32_t lane, const Range& mine) {
    row_residues_.set(0, elements.buffer(), narrow(problem_.n), narrow(mine.first),
                      static_cast<std::uint32_t>(sign_of(elements)), v_.get(), residues_.get());
    lanes_.start(lane, row_residues_, mine.last - mine.first, group_items(*card_));
  });
  lanes_.finish();
  std::vector<std::uint64_t> rows(problem_.m);
  card_->read(residues_.get(), 0, rows.size() * sizeof(std::uint64_t), rows.data());
  return rows;
}

std::vector<std::uint64_t> Product::read(std::uint64_t first, std::uint64_t step,
                                         std::uint64_t count) const {
  std::vector<std::byte> bytes(count * width());
  card_->driver().read_every(lanes_.queue(), c_->buffer(), first * width(), width(), step * width(),
                             count, bytes.data());
  lanes_.finish();
  return widened(bytes, width());
}

void Product::copy_to(const Memory& to) {
  each_share(problem_.elements(), turn_ + 1, [&](std::uint32_t lane, const Range& mine) {
    take_.set(0, c_->buffer(), to.buffer(), mine.first, mine.last,
              static_cast<std::uint32_t>(sign()));
    lanes_.start(lane, take_, lane_groups(*card_), group_items(*card_));
  });
  lanes_.finish();
}

}  // namespace rackproof::kernels
