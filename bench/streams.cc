// SPDX-License-Identifier: Apache-2.0
#include "bench/streams.h"

#include "backends/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/streams.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/cache_control.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rackproof::bench::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Words = hn::ScalableTag<std::uint64_t>;
using Doubles = hn::ScalableTag<double>;

// Two sums, since one alone waits for each addition.
std::uint64_t read(const std::uint64_t* words, std::uint64_t first, std::uint64_t last) {
  const Words d;
  auto left = hn::Zero(d), right = hn::Zero(d);
  for (std::uint64_t i = first; i < last; i += 2 * hn::Lanes(d)) {
    left = hn::Add(left, hn::Load(d, words + i));
    right = hn::Add(right, hn::Load(d, words + i + hn::Lanes(d)));
  }
  return hn::GetLane(hn::Add(left, right));
}

void write(std::uint64_t* words, std::uint64_t first, std::uint64_t last) {
  const Words d;
  const auto value = hn::Set(d, 5);
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d)) hn::Stream(value, d, words + i);
  hwy::FlushStream();
}

void write_cached(std::uint64_t* words, std::uint64_t first, std::uint64_t last) {
  const Words d;
  const auto value = hn::Set(d, 5);
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d)) hn::Store(value, d, words + i);
}

void change(std::uint64_t* words, std::uint64_t first, std::uint64_t last) {
  const Words d;
  const auto mask = hn::Set(d, ~0ULL);
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d))
    hn::Store(hn::Xor(mask, hn::Load(d, words + i)), d, words + i);
}

void copy(const std::uint64_t* from, std::uint64_t* to, std::uint64_t first, std::uint64_t last) {
  const Words d;
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d))
    hn::Stream(hn::Load(d, from + i), d, to + i);
  hwy::FlushStream();
}

void triad(double* a, const double* b, const double* c, std::uint64_t first, std::uint64_t last) {
  const Doubles d;
  const auto scalar = hn::Set(d, 3.0);
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d))
    hn::Stream(hn::MulAdd(scalar, hn::Load(d, c + i), hn::Load(d, b + i)), d, a + i);
  hwy::FlushStream();
}

const Streams& streams_here() {
  static constexpr Streams kStreams{read, write, write_cached, change, copy, triad};
  return kStreams;
}

}  // namespace
}  // namespace rackproof::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::bench {

HWY_EXPORT(streams_here);
const Streams& streams() { return HWY_DYNAMIC_DISPATCH(streams_here)(); }

}  // namespace rackproof::bench
#endif
