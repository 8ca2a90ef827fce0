// SPDX-License-Identifier: Apache-2.0
// stressors/selftest/exit.cc: the worker ends itself, with a code and in a way of its choice.
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "stressors/selftest/culprit.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 3> kWays{"exit", "_exit", "quick_exit"};
constexpr Param kCode{"code", 0, 0, 255, "the exit code"};
constexpr Choice kWay{"way", kWays, "the function that ends it"};

void end_worker(Context& ctx) {
  const auto code = static_cast<int>(ctx[kCode]);
  const std::string_view way = ctx[kWay];
  selftest::run_with(ctx, ctx[selftest::kMoment], [code, way] {
    if (way == "exit") std::exit(code);  // NOLINT(concurrency-mt-unsafe): that is the misdeed
    if (way == "quick_exit") std::quick_exit(code);
    ::_exit(code);
  });
}

RACKPROOF_STRESSOR(selftest_exit, {.name = "selftest.exit",
                                   .summary = "self-test: the worker ends itself",
                                   .metrics = {selftest::kBandwidth},
                                   .params = {kCode, kWay, selftest::kMoment, selftest::kCulprit},
                                   .run = end_worker,
                                   .drill_sites = {FaultSite::transfer},
                                   .hidden = true});

}  // namespace
}  // namespace rackproof
