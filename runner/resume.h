// SPDX-License-Identifier: Apache-2.0
// Going on with an interrupted run: the journal is replayed, and what it holds is not done again.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/evidence.h"
#include "core/journal.h"
#include "core/plan.h"

namespace rackproof {

struct Replay {
  JournalContents contents;
  Evidence evidence;
};

/// Reads the journal, torn end allowed. Refuses a broken or sealed one, one that has ended, and one
/// whose plan, profile, tool, inventory or station key is not `now`'s, naming each that differs.
[[nodiscard]] Expected<Replay> replay_journal(const std::filesystem::path& journal,
                                              const Genesis& now);

/// "recovered" when bytes were lost, and "resumed", a warning when the machine was rebooted in
/// between.
[[nodiscard]] std::vector<EventRecord> resume_events(const Replay& replay, const Genesis& now);

/// Devices on which the step is still to be run: unfinished, or ended badly once outside a drill.
/// All of a gang when one of it is, but for those that were left out of it.
[[nodiscard]] std::vector<std::string> remaining(const Evidence& evidence, const PlannedStep& step);

/// The number of the next attempt, from 1.
[[nodiscard]] std::uint64_t next_attempt(const Evidence& evidence, const std::string& step,
                                         const std::string& device);
/// How many attempts crashed or hung.
[[nodiscard]] std::uint64_t bad_ends(const Evidence& evidence, const std::string& step,
                                     const std::string& device);

}  // namespace rackproof
