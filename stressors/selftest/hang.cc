// SPDX-License-Identifier: Apache-2.0
// stressors/selftest/hang.cc: the worker does not go on, or not to its end.
#include <unistd.h>

#include <array>
#include <csignal>
#include <mutex>

#include "stressors/selftest/culprit.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 8> kWays{"sleep", "spin",     "ignore_signals", "stop",
                                                "pipe",  "deadlock", "stop_group",     "child"};
constexpr Choice kWay{
    "way", kWays,
    "asleep, busy, deaf to every signal, stopped, waiting for a pipe or a lock, "
    "stopped with its whole process group; or it leaves a child that holds its socket"};

[[noreturn]] void spin() {
  volatile std::uint64_t turns = 0;
  while (true) turns = turns + 1;
}

[[noreturn]] void ignore_signals() {
  for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_IGN);
  selftest::sleep_forever();
}

[[noreturn]] void wait_for_a_pipe() {
  int ends[2] = {-1, -1};
  char byte = 0;
  if (::pipe(ends) == 0) (void)!::read(ends[0], &byte, 1);
  selftest::sleep_forever();
}

[[noreturn]] void wait_for_a_lock() {
  static std::timed_mutex mutex;
  const std::lock_guard held(mutex);
  std::unique_lock again(mutex, std::defer_lock);
  while (true) (void)again.try_lock_for(std::chrono::hours(1));
}

void leave_a_child() {
  if (::fork() == 0) {
    while (true) ::pause();
  }
}

void hang(std::string_view way) {
  if (way == "child") return leave_a_child();
  if (way == "spin") spin();
  if (way == "ignore_signals") ignore_signals();
  if (way == "pipe") wait_for_a_pipe();
  if (way == "deadlock") wait_for_a_lock();
  if (way == "stop") (void)std::raise(SIGSTOP);
  if (way == "stop_group") (void)::kill(0, SIGSTOP);
  selftest::sleep_forever();
}

void hang_worker(Context& ctx) {
  const std::string_view way = ctx[kWay];
  selftest::run_with(ctx, ctx[selftest::kMoment], [way] { hang(way); });
}

RACKPROOF_STRESSOR(selftest_hang, {.name = "selftest.hang",
                                   .summary = "self-test: the worker hangs",
                                   .metrics = {selftest::kBandwidth},
                                   .params = {kWay, selftest::kMoment, selftest::kCulprit},
                                   .run = hang_worker,
                                   .drill_sites = {FaultSite::transfer},
                                   .hidden = true});

}  // namespace
}  // namespace rackproof
