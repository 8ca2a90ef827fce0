// SPDX-License-Identifier: Apache-2.0
#include "bench/memory_work.h"

#include <benchmark/benchmark.h>

#include <algorithm>

#include "bench/streams.h"
#include "bench/this_node.h"

namespace rackproof::bench {
namespace {

constexpr std::uint64_t kWord = 0x5555555555555555;
constexpr std::uint64_t kCachedPasses = 1 << 28;  // bytes a core, for the caches

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

PlainMemory::PlainMemory(std::shared_ptr<cpu::Node> node, std::uint64_t size_bytes)
    : node_(std::move(node)), memory_(node_->allocate(size_bytes, Place::device)) {}

template <class Work>
double PlainMemory::timed(double bytes, const Work& work, double seconds) {
  const Clock::time_point start = Clock::now();
  double passes = 0;
  do {
    node_->threads().run(work);
    ++passes;
  } while (seconds_since(start) < seconds);
  return passes * bytes / seconds_since(start);
}

cpu::Range PlainMemory::words_of(unsigned core, std::uint64_t words) const {
  const cpu::Range blocks = cpu::share(words / 64, core, node_->cores());
  return {blocks.first * 64, blocks.last * 64};
}

double PlainMemory::read() {
  const std::uint64_t words = memory_->size_bytes() / 8;
  return timed(static_cast<double>(words * 8), [&](unsigned core) {
    const cpu::Range r = words_of(core, words);
    benchmark::DoNotOptimize(streams().read(memory_->as<const std::uint64_t>(), r.first, r.last));
  });
}

double PlainMemory::write() {
  const std::uint64_t words = memory_->size_bytes() / 8;
  return timed(static_cast<double>(words * 8), [&](unsigned core) {
    const cpu::Range r = words_of(core, words);
    streams().write(memory_->as<std::uint64_t>(), r.first, r.last);
  });
}

double PlainMemory::change() {
  const std::uint64_t words = memory_->size_bytes() / 8;
  return timed(static_cast<double>(words * 16), [&](unsigned core) {
    const cpu::Range r = words_of(core, words);
    streams().change(memory_->as<std::uint64_t>(), r.first, r.last);
  });
}

double PlainMemory::copy(double seconds) {
  const std::uint64_t words = memory_->size_bytes() / 16 / 64 * 64;
  return timed(
      static_cast<double>(words * 16),
      [&](unsigned core) {
        const cpu::Range r = words_of(core, words);
        auto* const from = memory_->as<std::uint64_t>();
        streams().copy(from, from + words, r.first, r.last);
      },
      seconds);
}

double PlainMemory::triad(double seconds) {
  const std::uint64_t words = memory_->size_bytes() / 24 / 64 * 64;
  return timed(
      static_cast<double>(words * 24),
      [&](unsigned core) {
        const cpu::Range r = words_of(core, words);
        auto* const a = memory_->as<double>();
        streams().triad(a, a + words, a + 2 * words, r.first, r.last);
      },
      seconds);
}

double PlainMemory::read_cached(std::uint64_t size_bytes) {
  const std::uint64_t passes = kCachedPasses / size_bytes, words = size_bytes / 8;
  return timed(static_cast<double>(passes * size_bytes * node_->cores()), [&](unsigned core) {
    for (std::uint64_t i = 0; i < passes; ++i)
      benchmark::DoNotOptimize(
          streams().read(memory_->as<const std::uint64_t>(), core * words, (core + 1) * words));
  });
}

double PlainMemory::write_cached(std::uint64_t size_bytes) {
  const std::uint64_t passes = kCachedPasses / size_bytes, words = size_bytes / 8;
  return timed(static_cast<double>(passes * size_bytes * node_->cores()), [&](unsigned core) {
    for (std::uint64_t i = 0; i < passes; ++i) {
      streams().write_cached(memory_->as<std::uint64_t>(), core * words, (core + 1) * words);
      benchmark::ClobberMemory();
    }
  });
}

SweepWork::SweepWork(const std::shared_ptr<cpu::Node>& node, std::uint64_t size_bytes)
    : device_(node, {}),
      region_(device_.allocate(size_bytes)),
      read_(ready(device_, Sweep{region_, {MarchOp::Kind::read, kWord}})),
      write_(ready(device_, Sweep{region_, {MarchOp::Kind::write, kWord}})) {
  (void)write(-1);
}

double SweepWork::run(Prepared& sweep, int address_bit, double line_factor) {
  const Burst burst = sweep.run({.iterations = 1, .address_bit = address_bit, .half = 1});
  wrong_ += burst.miscompares;
  const bool parts = address_bit >= 0 && address_bit < 3;
  return burst.bytes_per_second() * (parts ? line_factor : 1);
}

double SweepWork::read(int address_bit) { return run(*read_, address_bit, 2); }
double SweepWork::write(int address_bit) { return run(*write_, address_bit, 4); }

double SweepWork::read_then_write() {
  const Clock::time_point start = Clock::now();
  (void)read(-1);
  (void)write(-1);
  return 2 * static_cast<double>(region_.size_bytes) / seconds_since(start);
}

ContentWork::ContentWork(const std::shared_ptr<cpu::Node>& node, std::uint64_t size_bytes)
    : device_(node, {}), region_(device_.allocate(size_bytes)) {}

double ContentWork::run(const Workload& work, double bytes) {
  const Burst burst = ready(device_, work)->run({.iterations = 1, .pattern = 1});
  wrong_ += burst.miscompares;
  return bytes / burst.seconds();
}

double ContentWork::fill(Content what) {
  return run(Fill{region_, what}, static_cast<double>(region_.size_bytes));
}

double ContentWork::check(Content what) {
  return run(Check{region_, what}, static_cast<double>(region_.size_bytes));
}

// The stripe's own words lie in two of five lines; the others fill three and touch those two.
double ContentWork::write_stripe(bool others) {
  const auto whole = static_cast<double>(region_.size_bytes);
  return run(Stripe{region_, MarchOp::Kind::write, 7, others}, others ? 1.4 * whole : 0.8 * whole);
}

double ContentWork::read_stripe(bool others) {
  const auto whole = static_cast<double>(region_.size_bytes);
  return run(Stripe{region_, MarchOp::Kind::read, 7, others}, others ? whole : 0.4 * whole);
}

StressWork::StressWork(const std::shared_ptr<cpu::Node>& node, Kind kind, std::uint64_t array_bytes)
    : device_(node, {}), moved_per_byte_(kind == Kind::copy ? 2 : 1) {
  const Region a = device_.allocate(array_bytes), b = device_.allocate(array_bytes);
  if (kind == Kind::copy)
    prepared_ = ready(device_, Copy{a, b});
  else
    prepared_ = ready(device_, Triad{a, b, device_.allocate(array_bytes), DType::fp64});
}

double StressWork::rate(double seconds) {
  const auto length =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  const Burst burst = prepared_->run({.until = Clock::now() + length, .pattern = 1});
  wrong_ += burst.miscompares;
  return moved_per_byte_ * burst.bytes_per_second();
}

}  // namespace rackproof::bench
