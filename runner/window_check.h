// SPDX-License-Identifier: Apache-2.0
// A worker's window is a claim: its form, its bounds and what it may say at all are checked before
// anything of it is believed. What fails here is the worker's fault, never the device's.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/fault.h"
#include "core/record.h"

namespace rackproof {

/// What the supervisor knows that a window must fit into.
struct WindowBounds {
  double elapsed_s = 0;  ///< since the worker was started: no window can end later
  bool drill = false;
  std::vector<Fault> faults;     ///< assigned in a drill
  std::set<std::uint64_t> seen;  ///< of these, already reported
};

/// Reads a window message. An Error says what is wrong: a missing or mistyped field, a negative or
/// infinite number, too many entries, time that has not passed, a fault that was not assigned.
[[nodiscard]] Expected<WindowRecord> checked_window(const Json& message,
                                                    const WindowBounds& bounds);

/// Refuses numbers that would not survive being read into an unsigned field: fractions and negative
/// values except under the keys of `fractions` and `negatives`.
[[nodiscard]] Expected<void> check_numbers(const Json& value,
                                           const std::set<std::string>& fractions,
                                           const std::set<std::string>& negatives);

}  // namespace rackproof
