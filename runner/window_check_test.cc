// SPDX-License-Identifier: Apache-2.0
#include "runner/window_check.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "runner/socket_recorder.h"

namespace rackproof {
namespace {

using ::testing::HasSubstr;

WindowRecord plain_window() {
  WindowRecord window;
  window.length_s = 1;
  window.bursts = 2;
  window.cores = {{0, 2, 0}};
  WorkTally tally;
  tally.work = "fill 4096";
  tally.bursts = 2;
  window.work.push_back(tally);
  return window;
}

std::string refusal(const Json& message, const WindowBounds& bounds = {.elapsed_s = 2}) {
  const auto checked = checked_window(message, bounds);
  return checked ? "accepted" : checked.error().message;
}

TEST(WindowCheck, AcceptsAnHonestWindow) {
  EXPECT_EQ(refusal(to_json(plain_window())), "accepted");
}

struct Lie {
  const char* pointer;
  const char* value;
  const char* message;
};

TEST(WindowCheck, RefusesEachLieByName) {
  for (const Lie& lie :
       {Lie{"/miscompares", "-1", "miscompares is -1"},
        Lie{"/bursts", "1.5", "bursts is not a whole number"},
        Lie{"/length_s", "-1.0", "negative time"},
        Lie{"/length_s", "2.5", "a window that ends at 2.500 s when 2.000 s have passed"},
        Lie{"/length_s", "\"1\"", "not a window record"},
        Lie{"/cores/0/core", "4294967296", "core is out of range"},
        Lie{"/work/0/address_bit", "-2", "address_bit is -2"},
        Lie{"/work/0/bytes", "-5.0", "negative work"},
        Lie{"/work/0/faulted", "true", "a faulted burst without a fault"},
        Lie{"/work/0/work", "\"copy 9223372036854775800\"", "impossibly large work"}}) {
    Json message = to_json(plain_window());
    message[Json::json_pointer(lie.pointer)] = Json::parse(lie.value);
    EXPECT_THAT(refusal(message), HasSubstr(lie.message)) << lie.pointer;
  }
}

TEST(WindowCheck, TakesDataFromPeersOfTheStepOnly) {
  WindowRecord window = plain_window();
  window.work[0].peer = "d1";
  window.metrics.push_back(summarize("bandwidth", {1, 2}));
  window.metrics[0].peer = "d1";
  EXPECT_EQ(refusal(to_json(window), {.elapsed_s = 2, .peers = {"d1", "d2"}}), "accepted");
  EXPECT_EQ(window_from_json(to_json(window))->metrics[0].peer, "d1");
  EXPECT_EQ(refusal(to_json(window)), "'d1', which is no peer of this device");
  window.metrics[0].peer = "d0";
  EXPECT_EQ(refusal(to_json(window), {.elapsed_s = 2, .peers = {"d1", "d2"}}),
            "'d0', which is no peer of this device");
}

TEST(WindowCheck, RefusesAMissingField) {
  Json message = to_json(plain_window());
  message.erase("passes");
  EXPECT_THAT(refusal(message), HasSubstr("passes"));
}

TEST(WindowCheck, RefusesMoreFindingsThanAreKept) {
  WindowRecord window = plain_window();
  window.findings.resize(kMaxSamples + 1);
  window.miscompares = kMaxSamples + 1;
  EXPECT_THAT(refusal(to_json(window)), HasSubstr("65 findings"));
}

TEST(WindowCheck, RefusesFindingsThatWereNotCounted) {
  WindowRecord window = plain_window();
  window.findings.resize(1);
  EXPECT_EQ(refusal(to_json(window)), "more findings than miscompares");
}

TEST(WindowCheck, KnowsADrillsFaultsAndTakesEachOnce) {
  WindowRecord window = plain_window();
  window.faults.push_back({1, "result", "flip", "", 1, {}});
  WindowBounds bounds{.elapsed_s = 2, .faults = {Fault{.id = 1}}};
  EXPECT_EQ(refusal(to_json(window), bounds), "accepted");
  bounds.seen = {1};
  EXPECT_EQ(refusal(to_json(window), bounds), "fault 1 twice");
  window.faults[0].kind = "missing";
  EXPECT_EQ(refusal(to_json(window), bounds), "fault 1 (result missing) was not assigned");
  window.faults[0] = {1, "operand", "flip", "", 1, {}};
  EXPECT_EQ(refusal(to_json(window), bounds), "fault 1 (operand flip) was not assigned");
}

TEST(WindowCheck, RefusesAGoldenThatAWorkerBringsItself) {
  WindowRecord window = plain_window();
  window.work.at(0).expected = Bits(7);
  EXPECT_EQ(refusal(to_json(window)), "a golden, which only the supervisor can know");
}

TEST(WindowCheck, RefusesFaultsThatNobodyAskedFor) {
  WindowRecord window = plain_window();
  window.faults.push_back({1, "result", "flip", "", 1, {}});
  EXPECT_EQ(refusal(to_json(window)), "fault 1 (result flip) was not assigned");
  window.faults.clear();
  window.work.at(0).faulted = true;
  EXPECT_EQ(refusal(to_json(window)), "a faulted burst without a fault");
}

TEST(Split, KeepsEveryTallyAndAllTime) {
  WindowRecord window = plain_window();
  window.work.resize(5, window.work[0]);
  window.bursts = 10;
  const auto pieces = split(window, 2);
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces[0].bursts + pieces[1].bursts + pieces[2].bursts, 10u);
  EXPECT_NEAR(pieces[2].start_s + pieces[2].length_s, 1.0, 1e-9);
  EXPECT_EQ(pieces[0].cores.size(), 1u);
  EXPECT_TRUE(pieces[1].cores.empty());
  EXPECT_EQ(split(window, 5).size(), 1u);
}

}  // namespace
}  // namespace rackproof
