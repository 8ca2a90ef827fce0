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
#include "core/stressor.h"

namespace rackproof {

/// What the supervisor knows that a window must fit into.
struct WindowBounds {
  double elapsed_s = 0;            ///< since the worker was started: no window can end later
  std::vector<Fault> faults;       ///< assigned; ids count from 1
  std::set<std::uint64_t> seen;    ///< of these, already reported
  std::uint32_t cores = 0;         ///< of the device; 0: unknown
  double memory_bytes = 0;         ///< of the device; 0: unknown
  std::vector<std::string> peers;  ///< that its data may come from
  const StressorInfo* stressor = nullptr;  ///< whose figures these are; null: unknown
};

/// Reads a window message. An Error says what is wrong: a missing or mistyped field, a negative or
/// infinite number, too many entries, time that has not passed, cores and memory that the device
/// does not have, figures that the stressor does not record, peers that are none of its
/// step's, a fault that was not assigned.
[[nodiscard]] Expected<WindowRecord> checked_window(const Json& message,
                                                    const WindowBounds& bounds);

/// Refuses numbers that would not survive being read into an unsigned field: fractions and negative
/// values except under the keys of `fractions` and `negatives`.
[[nodiscard]] Expected<void> check_numbers(const Json& value,
                                           const std::set<std::string>& fractions,
                                           const std::set<std::string>& negatives);

}  // namespace rackproof
