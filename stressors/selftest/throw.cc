// SPDX-License-Identifier: Apache-2.0
// stressors/selftest/throw.cc: the worker throws, what back ends and libraries throw and worse.
#include <array>
#include <new>
#include <stdexcept>
#include <thread>

#include "stressors/selftest/culprit.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 12> kWays{
    "device_error", "exception", "number",      "unsupported",     "no_memory",    "long_text",
    "binary_text",  "no_text",   "in_a_thread", "in_a_destructor", "while_thrown", "noexcept"};
constexpr Choice kWay{
    "way", kWays,
    "a driver's error, another exception, a number, that the device cannot do it, that memory is "
    "out, an error of 2 MB, of bytes, of no text; from a thread, a destructor, an exception's "
    "destructor, a function that promised not to"};

struct ThrowsAtItsEnd {
  ~ThrowsAtItsEnd() noexcept(false) { throw std::runtime_error("thrown by a destructor"); }
};

struct EndsBadly {
  ~EndsBadly() { throw_anyway(); }
  static void throw_anyway() { throw std::runtime_error("thrown where nothing may be"); }
};

void throw_while_thrown() {
  const ThrowsAtItsEnd at_its_end;
  throw std::runtime_error("the first");
}

void promise() noexcept { EndsBadly::throw_anyway(); }

void throw_text(std::string_view way) {
  if (way == "device_error") throw DeviceError("selftest(): the device is lost");
  if (way == "exception") throw std::out_of_range("index 7 of 3");
  if (way == "long_text") throw DeviceError(std::string(2 << 20, 'x'));
  if (way == "binary_text") throw DeviceError("\xff\xfe\x1b[2J\nPASS\t\x7f and no more");
  if (way == "no_text") throw DeviceError("");
}

void throw_in(std::string_view way) {
  throw_text(way);
  if (way == "number") throw 42;  // NOLINT(hicpp-exception-baseclass): that is the misdeed
  if (way == "unsupported") throw StepUnsupported{"selftest: not on this device"};
  if (way == "no_memory") throw std::bad_alloc();
  if (way == "in_a_thread") std::thread([] { throw std::runtime_error("in a thread"); }).join();
  if (way == "in_a_destructor") const EndsBadly badly;
  if (way == "while_thrown") throw_while_thrown();
  if (way == "noexcept") promise();
}

void throw_something(Context& ctx) {
  const std::string_view way = ctx[kWay];
  selftest::run_with(ctx, ctx[selftest::kMoment], [way] { throw_in(way); });
}

RACKPROOF_STRESSOR(selftest_throw, {.name = "selftest.throw",
                                    .summary = "self-test: the worker throws",
                                    .metrics = {selftest::kBandwidth},
                                    .params = {kWay, selftest::kMoment, selftest::kCulprit},
                                    .run = throw_something,
                                    .drill_sites = {FaultSite::transfer},
                                    .hidden = true});

}  // namespace
}  // namespace rackproof
