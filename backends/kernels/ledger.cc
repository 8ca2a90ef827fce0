// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/ledger.h"

#include <algorithm>
#include <numeric>

#include "backends/kernels/sources.h"
#include "core/oracle.h"

namespace rackproof::kernels {
namespace {

constexpr std::uint64_t kHead = 4, kPerCore = 4, kFields = 5;  // as in ledger.cl
constexpr std::uint64_t kFold = 3;                             // as in fold.cl
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

void zero(Lanes& lanes, Handle buffer, std::uint64_t size_bytes) {
  lanes.card().driver().zero(lanes.queue(), buffer, size_bytes);
}

template <class T>
std::vector<T> read_all(Lanes& lanes, Handle buffer, std::uint64_t count) {
  std::vector<T> all(count);
  lanes.join();
  lanes.card().driver().read(lanes.queue(), buffer, 0, count * sizeof(T), all.data());
  lanes.finish();
  return all;
}

}  // namespace

Ledger::Ledger(Lanes& lanes, std::uint64_t groups)
    : lanes_(lanes),
      cores_(lanes.card().cores()),
      groups_(groups),
      tallies_(lanes.card().buffer((kHead + kPerCore * (cores_ + 1)) * sizeof(std::uint32_t))),
      records_(lanes.card().buffer(2 * kMaxSamples * kFields * sizeof(std::uint64_t))),
      digests_(lanes.card().buffer(groups * sizeof(std::uint64_t))),
      fold_(lanes.card().buffer(kFold * sizeof(std::uint64_t))),
      fold_digests_(
          lanes.card(),
          source_of(lanes.card(), "fold", {embedded::kernels_fold}, group_items(lanes.card())),
          "fold_digests") {
  clear();
}

void Ledger::clear() {
  zero(lanes_, tallies_.get(), (kHead + kPerCore * (cores_ + 1)) * sizeof(std::uint32_t));
  zero(lanes_, digests_.get(), groups_ * sizeof(std::uint64_t));
  zero(lanes_, fold_.get(), kFold * sizeof(std::uint64_t));
  lanes_.join();
  own_wrong_.assign(cores_ + 1, 0);
  own_samples_.clear();
}

std::uint64_t Ledger::take_digest() {
  const auto added = read_all<std::uint64_t>(lanes_, digests_.get(), groups_);
  zero(lanes_, digests_.get(), groups_ * sizeof(std::uint64_t));
  lanes_.join();
  return std::accumulate(added.begin(), added.end(), std::uint64_t{0});
}

void Ledger::fold(std::uint64_t width, std::uint64_t first, std::uint64_t count, bool gaps) {
  lanes_.join();
  fold_digests_.set(0, digests_.get(), width, first, count, std::uint32_t{gaps}, fold_.get());
  lanes_.start(0, fold_digests_, 1, group_items(lanes_.card()));
  lanes_.join();
}

std::uint64_t Ledger::folded(std::uint64_t expected) {
  const auto fold = read_all<std::uint64_t>(lanes_, fold_.get(), kFold);
  if (fold[0] == expected) return fold[2];
  add(1, {{.core = kUnknownCore, .expected = expected, .got = fold[0]}});
  return mix64(fold[2] ^ mix64(expected - fold[0]));
}

void Ledger::require_checked(std::uint64_t expected) {
  std::uint64_t checked = 0;
  for (const CoreTally& core : read_tallies().cores) checked += core.iterations;
  if (checked == expected) return;
  add(1, {{.core = kUnknownCore, .expected = expected, .got = checked}});
}

std::uint64_t Ledger::undone() { return read_tallies().undone; }

void Ledger::add(std::uint64_t wrong, const std::vector<Miscompare>& samples) {
  if (wrong == 0) return;
  for (const Miscompare& found : samples) {
    ++own_wrong_[std::min(found.core, cores_)];
    if (own_samples_.size() < kMaxSamples) own_samples_.push_back(found);
  }
  own_wrong_[samples.empty() ? 0 : std::min(samples[0].core, cores_)] += wrong - samples.size();
}

Ledger::Tallies Ledger::read_tallies() {
  const auto all = read_all<std::uint32_t>(lanes_, tallies_.get(), kHead + kPerCore * (cores_ + 1));
  Tallies tallies{all[0], all[1], all[2], {}};
  for (std::uint32_t core = 0; core <= cores_; ++core) {
    const std::uint32_t* halves = all.data() + kHead + kPerCore * core;
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
  CoreTally& unknown = burst.cores.back();
  unknown.core = kUnknownCore;
  if (unknown.iterations == 0 && unknown.miscompares == 0) burst.cores.pop_back();
  burst.samples = by_element(read_records(1, tallies.operands_recorded), {});
  const auto others = by_element(read_records(0, tallies.recorded), own_samples_);
  burst.samples.insert(burst.samples.end(), others.begin(), others.end());
  burst.samples.resize(std::min(burst.samples.size(), kMaxSamples));
}

std::vector<Miscompare> Ledger::read_records(std::size_t part, std::uint32_t recorded) {
  std::vector<Miscompare> samples;
  if (recorded == 0) return samples;
  const auto all = read_all<std::uint64_t>(lanes_, records_.get(), 2 * kMaxSamples * kFields);
  for (std::size_t i = 0; i < std::min<std::size_t>(recorded, kMaxSamples); ++i) {
    const std::uint64_t* r = all.data() + kFields * (part * kMaxSamples + i);
    const auto core = r[4] < cores_ ? static_cast<std::uint32_t>(r[4]) : kUnknownCore;
    samples.push_back({.core = core, .element = r[0], .expected = r[1], .got = r[2], .tile = r[3]});
  }
  return samples;
}

}  // namespace rackproof::kernels
