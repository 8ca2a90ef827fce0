// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_seal.h"

#include <mutex>

#include "backends/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/gemm_seal.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rackproof::cpu::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::ScalableTag<std::uint64_t>;
using WordVec = hn::Vec<Words>;

constexpr std::uint64_t kKey = 0x5851f42d4c957f2dULL;
constexpr std::uint64_t kKeyStep = 0x9e3779b97f4a7c15ULL;

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE WordVec product_of_halves(WordVec word, WordVec key) {
  const std::uint64_t w = hn::GetLane(word), k = hn::GetLane(key);
  const auto low = static_cast<std::uint32_t>(w + k);
  const auto high = static_cast<std::uint32_t>((w >> 32) + (k >> 32));
  return hn::Set(Words(), std::uint64_t{low} * high);
}
#else
HWY_INLINE WordVec product_of_halves(WordVec word, WordVec key) {
  const hn::Repartition<std::uint32_t, Words> halves;
  const auto keyed = hn::Add(hn::BitCast(halves, word), hn::BitCast(halves, key));
  const auto high = hn::BitCast(halves, hn::ShiftRight<32>(hn::BitCast(Words(), keyed)));
  return hn::MulEven(keyed, high);
}
#endif

// Not SumOfLanes, which adds signed numbers that overflow.
std::uint64_t sum_of_lanes(WordVec v) {
  const Words d;
  HWY_ALIGN std::uint64_t lanes[hn::MaxLanes(d)];
  hn::Store(v, d, lanes);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) sum += lanes[i];
  return sum;
}

// Words [first, last), both multiples of a vector.
Seal seal_words(const std::uint64_t* words, std::uint64_t first, std::uint64_t last) {
  const Words d;
  const std::uint64_t lanes = hn::Lanes(d);
  WordVec key =
      hn::Add(hn::Set(d, kKey + first * kKeyStep), hn::Mul(hn::Iota(d, 0), hn::Set(d, kKeyStep)));
  const WordVec step = hn::Set(d, kKeyStep * lanes);
  WordVec sum = hn::Zero(d), products = hn::Zero(d);
  for (std::uint64_t i = first; i < last; i += lanes) {
    const WordVec word = hn::Load(d, words + i);
    sum = hn::Add(sum, word);
    products = hn::Add(products, product_of_halves(word, key));
    key = hn::Add(key, step);
  }
  return {sum_of_lanes(sum), sum_of_lanes(products)};
}

}  // namespace
}  // namespace rackproof::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::cpu {

HWY_EXPORT(seal_words);

Seal seal_of(const NodeMemory& memory, Threads& threads) {
  constexpr std::uint64_t kLine = 8;  // words
  const auto* words = memory.as<const std::uint64_t>();
  Seal total;
  std::mutex mutex;
  threads.run([&](unsigned core) {
    const Range lines = share(memory.size_bytes() / 64, core, threads.count());
    const Seal mine =
        HWY_DYNAMIC_DISPATCH(seal_words)(words, lines.first * kLine, lines.last * kLine);
    const std::lock_guard lock(mutex);
    total.add(mine);
  });
  return total;
}

}  // namespace rackproof::cpu
#endif
