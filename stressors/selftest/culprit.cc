// SPDX-License-Identifier: Apache-2.0
#include "stressors/selftest/culprit.h"

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

namespace rackproof::selftest {
namespace {

constexpr std::uint64_t kBytes = 64 << 10;
constexpr int kLater = 3;  // bursts
constexpr auto kRest = std::chrono::milliseconds(5);

// atexit() takes no state of its own.
std::function<void()>& last_misdeed() {
  static std::function<void()> misdeed;
  return misdeed;
}

void misbehave_at_exit(const std::function<void()>& misdeed) {
  last_misdeed() = misdeed;
  std::atexit([] { last_misdeed()(); });
}

}  // namespace

bool is_culprit(const Context& ctx) {
  const std::string& id = ctx.device().info().id;
  const std::string digits = id.substr(id.find_last_not_of("0123456789") + 1);
  std::int64_t number = -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number == ctx[kCulprit];
}

Workload light_work(Device& device) {
  const Region from = device.allocate(kBytes), to = device.allocate(kBytes);
  return Copy{from, to};
}

Burst light_burst(Context& ctx, Prepared& prepared) {
  RunFor how = ctx.burst();
  how.iterations = 1;
  const auto began = Clock::now();
  const Burst burst = prepared.run(how);
  std::this_thread::sleep_for(kRest);
  const std::chrono::duration<double> passed = Clock::now() - began;
  ctx.record(kBandwidth, burst.bytes / passed.count());
  return burst;
}

void run_with(Context& ctx, std::string_view moment, const std::function<void()>& misdeed) {
  const bool culprit = is_culprit(ctx);
  if (culprit && moment == "preparing") misdeed();
  if (culprit && moment == "leaving") misbehave_at_exit(misdeed);
  const auto prepared = ctx.prepare(light_work(ctx.device()));
  bool due = culprit && (moment == "first_burst" || moment == "later");
  const auto misbehave_once = [&] {
    (void)ctx.burst();  // the load begins here at the latest
    if (std::exchange(due, false)) misdeed();
  };
  for (int bursts = 0; ctx.running(); ++bursts) {
    if (moment == "first_burst" || bursts == kLater) misbehave_once();
    light_burst(ctx, *prepared);
  }
  misbehave_once();  // on a machine so slow that there were not as many bursts
}

void sleep_forever() {
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

void restore_default(int signal) {
  std::signal(signal, SIG_DFL);
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
}

}  // namespace rackproof::selftest
