// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_panels.h"

#include <mutex>

#include "backends/cpu/gemm_oracle.h"

namespace rackproof::cpu {
namespace {

// In the memory of a biased kernel's a, every operand's lowest byte has its top bit turned round,
// which is what adding kBias does.
constexpr std::uint64_t kBiasBit = kBias;

void append(OperandState& all, const OperandState& more) {
  all.digest += more.digest;
  all.wrong += more.wrong;
  for (const Miscompare& one : more.samples) {
    if (all.samples.size() < kMaxSamples) all.samples.push_back(one);
  }
}

}  // namespace

template <class T>
Panels<T>::Panels(Node& node, const TileKernel<T>& tile, const Problem<T>& problem)
    : threads_(node.threads()),
      tile_(tile),
      problem_(problem),
      rows_{problem.m, tile.rows, panels_of(problem.m, tile.rows)},
      columns_{problem.n, tile.columns, panels_of(problem.n, tile.columns)},
      depth_(tile.depth(problem.k)),
      a_(node.allocate(rows_.panels * tile.rows * depth_ * sizeof(T), Place::device)),
      b_(node.allocate(columns_.panels * tile.columns * depth_ * sizeof(T), Place::device)),
      offsets_(node.allocate(columns_.panels * tile.columns * sizeof(T), Place::device)) {}

template <class T>
void Panels<T>::place(std::uint64_t pattern) {
  pattern_ = pattern;
  for (const auto& memory : {a_, b_, offsets_}) memory->changed();
  threads_.run([&](unsigned core) {
    const Range rows = share(rows_.panels, core, threads_.count()),
                columns = share(columns_.panels, core, threads_.count());
    for (std::uint64_t p = rows.first; p < rows.last; ++p)
      pack_a(tile_, problem_, pattern, p, a_->as<T>() + p * tile_.rows * depth_);
    for (std::uint64_t p = columns.first; p < columns.last; ++p) {
      pack_b(tile_, problem_, pattern, p, b_->as<T>() + p * tile_.columns * depth_,
             offsets_->as<T>() + p * tile_.columns);
    }
  });
  placed_ = seals();
}

template <class T>
typename Panels<T>::Seals Panels<T>::seals() const {
  return {seal_of(*a_, threads_), seal_of(*b_, threads_), seal_of(*offsets_, threads_)};
}

template <class T>
bool Panels<T>::intact() const {
  return seals() == placed_;
}

template <class T>
Miscompare Panels<T>::beyond_operands() const {
  return {0, problem_.elements() + count(), placed_.sum(), seals().sum()};
}

template <class T>
OperandState Panels<T>::state() const {
  OperandState all;
  std::mutex mutex;
  threads_.run([&](unsigned core) {
    const unsigned packer = (core + 1) % threads_.count();
    OperandState mine;
    const Range rows = share(rows_.panels, packer, threads_.count()),
                columns = share(columns_.panels, packer, threads_.count());
    for (std::uint64_t p = rows.first; p < rows.last; ++p) read_a(p, mine);
    for (std::uint64_t p = columns.first; p < columns.last; ++p) read_b(p, mine);
    const std::lock_guard lock(mutex);
    append(all, mine);
  });
  return all;
}

template <class T>
std::uint64_t Panels<T>::packed_index(const Side& side, std::uint64_t line,
                                      std::uint64_t step) const {
  return (line / side.each * depth_ + step) * side.each + line % side.each;
}

template <class T>
T Panels<T>::unpacked(T element, unsigned product, bool is_a) const {
  if constexpr (!std::is_same_v<T, std::int32_t>) {
    return element;
  } else {
    const unsigned bits = 32 / static_cast<unsigned>(tile_.products);
    auto packed = static_cast<std::uint32_t>(element) >> (product * bits);
    if (is_a && tile_.biased) packed ^= kBiasBit;
    return static_cast<std::int32_t>(packed << (32 - bits)) >> (32 - bits);
  }
}

template <class T>
void Panels<T>::read_a(std::uint64_t panel, OperandState& state) const {
  const std::uint64_t first = panel * rows_.each, last = std::min(rows_.lines, first + rows_.each);
  for (std::uint64_t i = first; i < last; ++i) {
    const std::uint64_t only = problem_.only_column(pattern_, i);
    const T* element = a_->as<T>() + packed_index(rows_, i, 0);
    std::uint64_t p = 0;
    for (std::uint64_t step = 0; step < depth_; ++step, element += rows_.each) {
      for (unsigned product = 0; product < tile_.products && p < problem_.k; ++product, ++p)
        judge(i * problem_.k + p, problem_.a(pattern_, i, p, only),
              unpacked(*element, product, true), state);
    }
  }
}

template <class T>
void Panels<T>::read_b(std::uint64_t panel, OperandState& state) const {
  const std::uint64_t first = panel * columns_.each,
                      last = std::min(columns_.lines, first + columns_.each);
  const T* elements = b_->as<T>() + packed_index(columns_, first, 0);
  std::uint64_t p = 0;
  for (std::uint64_t step = 0; step < depth_; ++step, elements += columns_.each) {
    for (unsigned product = 0; product < tile_.products && p < problem_.k; ++product, ++p) {
      for (std::uint64_t j = first; j < last; ++j)
        judge(problem_.m * problem_.k + p * problem_.n + j, problem_.b(pattern_, p, j),
              unpacked(elements[j - first], product, false), state);
    }
  }
}

template <class T>
void Panels<T>::judge(std::uint64_t operand, T right, T held, OperandState& state) const {
  const std::uint64_t expected = bits_of(right), got = bits_of(held);
  state.digest += operand_term(got, operand);
  if (expected == got) return;
  ++state.wrong;
  if (state.samples.size() < kMaxSamples)
    state.samples.push_back({0, problem_.elements() + operand, expected, got});
}

template <class T>
Slot Panels<T>::slot(std::uint64_t operand) const {
  const std::uint64_t of_a = problem_.m * problem_.k;
  const bool is_a = operand < of_a;
  const std::uint64_t line = is_a ? operand / problem_.k : (operand - of_a) % problem_.n,
                      p = is_a ? operand % problem_.k : (operand - of_a) / problem_.n;
  const auto width = static_cast<unsigned>(sizeof(T) / tile_.products);
  const std::uint64_t index = packed_index(is_a ? rows_ : columns_, line, p / tile_.products);
  return {is_a ? a_ : b_, index * sizeof(T) + p % tile_.products * width, width,
          is_a && tile_.biased ? kBiasBit : 0, std::is_same_v<T, std::int32_t>};
}

template <class T>
Target Panels<T>::target() const {
  Target target;
  target.count = count();
  target.type = std::is_same_v<T, std::int32_t> ? DType::i8
                : std::is_same_v<T, float>      ? DType::fp32
                                                : DType::fp64;
  target.slot = [this](std::uint64_t operand) { return slot(operand); };
  target.first = problem_.elements();
  return target;
}

template class Panels<std::int32_t>;
template class Panels<float>;
template class Panels<double>;

}  // namespace rackproof::cpu
