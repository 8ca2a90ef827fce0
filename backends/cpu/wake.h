// SPDX-License-Identifier: Apache-2.0
// Waking the threads that sleep until a word changes: what Threads and Meeting wait with.
#pragma once

#include <atomic>
#include <cstdint>

namespace rackproof::cpu {

/// Wakes every thread that waits for `word`, which was changed before this call. The fence is
/// needed: libstdc++ 12 first looks whether anyone waits, and that look may overtake the change (a
/// plain store on x86, any change on Arm). Who falls asleep in between then sleeps for ever: seen
/// once in some 3e8 wake-ups without the fence.
inline void wake_all(std::atomic<std::uint32_t>& word) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  word.notify_all();
}

}  // namespace rackproof::cpu
