// SPDX-License-Identifier: Apache-2.0
#include "backends/opencl/ledger.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace rackproof::opencl {
namespace {

constexpr std::uint64_t kHead = 4, kPerCore = 4, kFields = 5;  // as in kernels/ledger.cl
static_assert(kMaxSamples == 64);

std::uint64_t wide(const std::uint32_t* halves) {
  return halves[0] | static_cast<std::uint64_t>(halves[1]) << 32;
}

std::vector<Miscompare> by_element(std::vector<Miscompare> some,
                                   const std::vector<Miscompare>& more) {
  some.insert(some.end(), more.begin(), more.end());
  std::stable_sort(some.begin(), some.end(),
                   [](const Miscompare& a, const Miscompare& b) { return a.element < b.element; });
  return some;
}

void zero(Lanes& lanes, cl_mem buffer, std::uint64_t size_bytes) {
  constexpr cl_uint kZero = 0;
  check(cl().EnqueueFillBuffer(lanes.queue(), buffer, &kZero, sizeof kZero, 0, size_bytes, 0,
                               nullptr, nullptr),
        "clEnqueueFillBuffer", lanes.card().id());
}

template <class T>
std::vector<T> read_all(Lanes& lanes, cl_mem buffer, std::uint64_t count) {
  std::vector<T> all(count);
  lanes.join();
  check(cl().EnqueueReadBuffer(lanes.queue(), buffer, CL_TRUE, 0, count * sizeof(T), all.data(), 0,
                               nullptr, nullptr),
        "clEnqueueReadBuffer", lanes.card().id());
  return all;
}

}  // namespace

Ledger::Ledger(Lanes& lanes, std::uint64_t groups)
    : lanes_(lanes),
      cores_(lanes.card().cores()),
      groups_(groups),
      tallies_(lanes.card().buffer((kHead + kPerCore * (cores_ + 1)) * sizeof(cl_uint))),
      records_(lanes.card().buffer(2 * kMaxSamples * kFields * sizeof(cl_ulong))),
      digests_(lanes.card().buffer(groups * sizeof(cl_ulong))),
      digests_before_(groups, 0) {
  zero(lanes_, digests_.get(), groups_ * sizeof(cl_ulong));
  clear();
}

void Ledger::clear() {
  zero(lanes_, tallies_.get(), (kHead + kPerCore * (cores_ + 1)) * sizeof(cl_uint));
  lanes_.join();
  own_wrong_.assign(cores_ + 1, 0);
  own_samples_.clear();
}

std::vector<std::uint64_t> Ledger::take_digests() {
  auto now = read_all<std::uint64_t>(lanes_, digests_.get(), groups_);
  digests_before_.swap(now);
  std::vector<std::uint64_t> added(groups_);
  std::transform(digests_before_.begin(), digests_before_.end(), now.begin(), added.begin(),
                 std::minus<>());
  return added;
}

std::uint64_t Ledger::take_digest() {
  const auto added = take_digests();
  return std::accumulate(added.begin(), added.end(), std::uint64_t{0});
}

void Ledger::add(std::uint64_t wrong, const std::vector<Miscompare>& samples) {
  if (wrong == 0) return;
  for (const Miscompare& found : samples) {
    ++own_wrong_[found.core];
    if (own_samples_.size() < kMaxSamples) own_samples_.push_back(found);
  }
  own_wrong_[samples.empty() ? 0 : samples[0].core] += wrong - samples.size();
}

Ledger::Tallies Ledger::read_tallies() {
  const auto all = read_all<cl_uint>(lanes_, tallies_.get(), kHead + kPerCore * (cores_ + 1));
  Tallies tallies{all[0], all[1], {}};
  for (std::uint32_t core = 0; core <= cores_; ++core) {
    const cl_uint* halves = all.data() + kHead + kPerCore * core;
    tallies.cores.push_back({core, wide(halves + 2), wide(halves) + own_wrong_[core]});
  }
  return tallies;
}

std::uint64_t Ledger::wrong() {
  std::uint64_t sum = 0;
  for (const CoreTally& core : read_tallies().cores) sum += core.miscompares;
  return sum;
}

void Ledger::write_to(Burst& burst) {
  Tallies tallies = read_tallies();
  burst.cores = std::move(tallies.cores);
  for (const CoreTally& core : burst.cores) burst.miscompares += core.miscompares;
  burst.cores.pop_back();  // that of no known number
  burst.samples = by_element(read_records(1, tallies.operands_recorded), {});
  const auto others = by_element(read_records(0, tallies.recorded), own_samples_);
  burst.samples.insert(burst.samples.end(), others.begin(), others.end());
  burst.samples.resize(std::min(burst.samples.size(), kMaxSamples));
}

std::vector<Miscompare> Ledger::read_records(std::size_t part, std::uint32_t recorded) {
  std::vector<Miscompare> samples;
  if (recorded == 0) return samples;
  const auto all = read_all<cl_ulong>(lanes_, records_.get(), 2 * kMaxSamples * kFields);
  for (std::size_t i = 0; i < std::min<std::size_t>(recorded, kMaxSamples); ++i) {
    const cl_ulong* r = all.data() + kFields * (part * kMaxSamples + i);
    const auto core = std::min(static_cast<std::uint32_t>(r[4]), cores_ - 1);
    samples.push_back({.core = core, .element = r[0], .expected = r[1], .got = r[2], .tile = r[3]});
  }
  return samples;
}

}  // namespace rackproof::opencl
