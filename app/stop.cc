// SPDX-License-Identifier: Apache-2.0
#include "app/stop.h"

#include <csignal>

namespace rackproof {
namespace {

std::atomic<bool> asked{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

void ask_to_stop(int) { asked = true; }

}  // namespace

void stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;  // a run outlives its terminal
  sigaction(SIGHUP, &action, nullptr);
}

const std::atomic<bool>& stop_asked() { return asked; }

}  // namespace rackproof
