// SPDX-License-Identifier: Apache-2.0
// stressors/selftest/signal.cc: the worker gets a signal, with the action that the system gives it.
#include <csignal>

#include "stressors/selftest/culprit.h"

namespace rackproof {
namespace {

constexpr Param kSignal{"signal", SIGSEGV, 1, 64, "the number of the signal"};

void signal_worker(Context& ctx) {
  const auto signal = static_cast<int>(ctx[kSignal]);
  selftest::run_with(ctx, ctx[selftest::kMoment], [signal] {
    selftest::restore_default(signal);
    (void)std::raise(signal);
  });
}

RACKPROOF_STRESSOR(selftest_signal, {.name = "selftest.signal",
                                     .summary = "self-test: the worker gets a signal",
                                     .metrics = {selftest::kBandwidth},
                                     .params = {kSignal, selftest::kMoment, selftest::kCulprit},
                                     .run = signal_worker,
                                     .drill_sites = {FaultSite::transfer},
                                     .hidden = true});

}  // namespace
}  // namespace rackproof
