// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/threads.h"

#include <fmt/format.h>
#include <sched.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "backends/cpu/wake.h"
#include "core/error.h"

namespace rackproof::cpu {
namespace {

constexpr int kSpins = 256;  // short sections follow one another: a wake-up costs more than this

void pin_this_thread(hwloc_topology_t topology, unsigned pu) {
  const std::unique_ptr<hwloc_bitmap_s, decltype(&hwloc_bitmap_free)> set(hwloc_bitmap_alloc(),
                                                                          &hwloc_bitmap_free);
  hwloc_bitmap_set(set.get(), pu);
  if (hwloc_set_cpubind(topology, set.get(), HWLOC_CPUBIND_THREAD) != 0) {
    throw DeviceError(fmt::format("cannot pin a thread to PU {}: {}", pu, std::strerror(errno)));
  }
}

// The kernel moves a pinned thread when its PU is taken offline or out of the cpuset.
void require_still_on(unsigned pu, unsigned core) {
  const int now = sched_getcpu();
  if (now < 0 || static_cast<unsigned>(now) == pu) return;
  throw DeviceError(fmt::format(
      "core {} is PU {}, but its work ran on PU {}: was PU {} taken offline?", core, pu, now, pu));
}

// Waits until `word` is no longer `old`; returns what it is.
std::uint32_t wait_for_change(const std::atomic<std::uint32_t>& word, std::uint32_t old) {
  for (int i = 0; i < kSpins; ++i) {
    const std::uint32_t now = word.load(std::memory_order_acquire);
    if (now != old) return now;
  }
  word.wait(old, std::memory_order_acquire);
  return word.load(std::memory_order_acquire);
}

}  // namespace

Threads::Threads(std::shared_ptr<const Topology> topology, const std::vector<unsigned>& pus)
    : topology_(std::move(topology)), pus_(pus) {
  try {
    for (unsigned core = 0; core < pus.size(); ++core) {
      threads_.emplace_back([this, core] { loop(core); });
    }
    run([&](unsigned core) { pin_this_thread(topology_->get(), pus[core]); });
  } catch (const std::system_error& error) {
    stop();
    throw DeviceError(fmt::format("cannot start {} threads: {}", pus.size(), error.what()));
  } catch (...) {
    stop();
    throw;
  }
}

Threads::~Threads() { stop(); }

void Threads::stop() {
  stopping_ = true;
  section_.fetch_add(1, std::memory_order_release);
  wake_all(section_);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Threads::run(const std::function<void(unsigned core)>& work) {
  const std::lock_guard turn(turn_);
  work_ = &work;
  left_.store(count(), std::memory_order_relaxed);
  section_.fetch_add(1, std::memory_order_release);
  wake_all(section_);
  for (std::uint32_t left = left_.load(std::memory_order_acquire); left != 0;) {
    left = wait_for_change(left_, left);
  }
  if (const std::exception_ptr error = std::exchange(error_, nullptr))
    std::rethrow_exception(error);
}

void Threads::loop(unsigned core) {
  std::uint32_t seen = 0;
  while (true) {
    seen = wait_for_change(section_, seen);
    if (stopping_) return;
    perform(*work_, core);
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) wake_all(left_);
  }
}

void Threads::perform(const std::function<void(unsigned core)>& work, unsigned core) {
  try {
    work(core);
    require_still_on(pus_[core], core);
  } catch (...) {
    const std::lock_guard lock(error_mutex_);
    if (!error_) error_ = std::current_exception();
  }
}

Range share(std::uint64_t count, std::uint64_t index, std::uint64_t parts) {
  const std::uint64_t each = count / parts, rest = count % parts;
  const std::uint64_t first = index * each + std::min(index, rest);
  return {first, first + each + (index < rest ? 1 : 0)};
}

}  // namespace rackproof::cpu
