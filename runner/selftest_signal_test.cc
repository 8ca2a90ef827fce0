// SPDX-License-Identifier: Apache-2.0
// Every signal, at three moments of a worker's life.
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstring>

#include "runner/selftest_way_for_test.h"

namespace rackproof::testing {
namespace {

constexpr std::array kIgnored{SIGCHLD, SIGCONT, SIGURG, SIGWINCH};
constexpr std::array kStopping{SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};

template <class List>
bool holds(const List& list, int signal) {
  return std::find(list.begin(), list.end(), signal) != list.end();
}

std::string ending_of(int signal) {
  const char* name = sigabbrev_np(signal);
  return "ended by signal " + std::to_string(signal) + " .SIG" +
         (name == nullptr ? "RT" : std::string(name) + ".");
}

std::string where(const std::string& moment) {
  if (moment == "leaving") return "last word";
  return moment == "preparing" ? "while preparing" : "under load";
}

// What the system's default action for it makes of the worker.
Way way_of(int signal, const std::string& moment) {
  Way way;
  way.stressor = "selftest.signal";
  way.params["signal"] = std::to_string(signal);
  way.params["moment"] = moment;
  if (holds(kIgnored, signal)) {
    way.outcome = Outcome::finished;
    way.verdict = Verdict::pass;
  } else if (holds(kStopping, signal)) {
    way.outcome = Outcome::hung;
    way.silence_s = 1.5;
    way.deadline_s = 5;
    way.words = where(moment);
  } else {
    way.words = ending_of(signal) + ".*" + where(moment);
  }
  return way;
}

std::vector<Way> signals_at(const std::string& moment) {
  std::vector<Way> ways;
  for (int signal = 1; signal <= 31; ++signal) ways.push_back(way_of(signal, moment));
  for (const int signal : {34, 50, 64}) ways.push_back(way_of(signal, moment));
  return ways;
}

std::vector<Way> last_signals() {
  std::vector<Way> ways{way_of(SIGSEGV, "leaving"), way_of(SIGKILL, "leaving"),
                        way_of(SIGSTOP, "leaving")};
  return ways;
}

[[maybe_unused]] const bool registered =
    register_ways("signals while preparing", signals_at("preparing")) &&
    register_ways("signals in the first burst", signals_at("first_burst")) &&
    register_ways("signals later", signals_at("later")) &&
    register_ways("signals after the last word", last_signals());

TEST(Selftest, NamesEverySignalWhilePreparing) { expect_ways("signals while preparing"); }
TEST(Selftest, NamesEverySignalInTheFirstBurst) { expect_ways("signals in the first burst"); }
TEST(Selftest, NamesEverySignalLater) { expect_ways("signals later"); }
TEST(Selftest, NamesSignalsAfterTheLastWord) { expect_ways("signals after the last word"); }

}  // namespace
}  // namespace rackproof::testing
