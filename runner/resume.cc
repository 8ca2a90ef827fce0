// SPDX-License-Identifier: Apache-2.0
#include "runner/resume.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

std::vector<std::string> differences(const Genesis& then, const Genesis& now) {
  std::vector<std::string> found;
  const auto compare = [&](const char* what, const std::string& a, const std::string& b) {
    if (a != b) found.push_back(fmt::format("{} ({:.12} then, {:.12} now)", what, a, b));
  };
  compare("plan", then.plan_sha256, now.plan_sha256);
  compare("profile", then.profile_sha256, now.profile_sha256);
  compare("tool", then.tool_sha256, now.tool_sha256);
  compare("inventory", then.inventory_sha256, now.inventory_sha256);
  compare("station key", then.station_key, now.station_key);
  return found;
}

tl::unexpected<Error> refuse(const std::filesystem::path& journal, std::string why) {
  return tl::unexpected(Error{std::move(why), journal.string()});
}

Expected<Evidence> replay_records(const JournalContents& contents,
                                  const std::filesystem::path& journal) {
  Evidence evidence;
  for (std::size_t i = 0; i < contents.records.size(); ++i) {
    const auto record = parse_json(contents.records[i]);
    auto applied = record ? evidence.apply(*record) : tl::unexpected(record.error());
    if (!applied) {
      return refuse(journal, fmt::format("record {}: {}", i, applied.error().message));
    }
  }
  return evidence;
}

// The boot in which the journal was last written: resumed events name theirs.
bool same_boot(const Evidence& evidence, const std::string& boot_id) {
  const auto& events = evidence.events;
  const auto last = std::find_if(events.rbegin(), events.rend(),
                                 [](const EventRecord& e) { return e.kind == "resumed"; });
  if (last == events.rend()) return evidence.genesis.boot_id == boot_id;
  return last->text.find("boot " + boot_id) != std::string::npos;
}

bool bad(const TaskRecord& task) {
  return task.outcome == Outcome::crashed || task.outcome == Outcome::hung;
}

const TaskRecord* last_attempt(const Evidence& evidence, const std::string& step,
                               const std::string& device) {
  const auto found =
      std::find_if(evidence.tasks.rbegin(), evidence.tasks.rend(),
                   [&](const TaskRecord& t) { return t.step == step && t.device == device; });
  return found == evidence.tasks.rend() ? nullptr : &*found;
}

// Quarantined, and stays so.
bool left_out(const Evidence& evidence, const PlannedStep& step, const std::string& device) {
  const TaskRecord* last = last_attempt(evidence, step.id, device);
  return last != nullptr && last->outcome == Outcome::not_run;
}

bool still_to_run(const Evidence& evidence, const PlannedStep& step, const std::string& device) {
  const TaskRecord* last = last_attempt(evidence, step.id, device);
  if (last == nullptr) return true;
  if (left_out(evidence, step, device)) return false;
  if (!evidence.done(step.id, device)) return true;
  return !step.drill && bad(*last) && bad_ends(evidence, step.id, device) < 2;
}

}  // namespace

Expected<Replay> replay_journal(const std::filesystem::path& journal, const Genesis& now) {
  auto contents = read_journal(journal, true);
  if (!contents) return tl::unexpected(contents.error());
  if (contents->sealed) return refuse(journal, "this run is over and sealed: start a new one");
  auto evidence = replay_records(*contents, journal);
  if (!evidence) return tl::unexpected(evidence.error());
  const auto found = differences(evidence->genesis, now);
  if (!found.empty()) {
    return refuse(journal, fmt::format("cannot be resumed: other {}", fmt::join(found, ", ")));
  }
  return Replay{*std::move(contents), *std::move(evidence)};
}

std::vector<EventRecord> resume_events(const Replay& replay, const Genesis& now) {
  std::vector<EventRecord> events;
  if (replay.contents.torn_bytes > 0) {
    events.push_back({.kind = "recovered",
                      .severity = "warning",
                      .text = fmt::format("{} bytes of a record that was being written were lost",
                                          replay.contents.torn_bytes)});
  }
  const bool rebooted = !same_boot(replay.evidence, now.boot_id);
  events.push_back(
      {.kind = "resumed",
       .severity = rebooted ? "warning" : "info",
       .text = fmt::format("after {} records, in boot {}{}", replay.contents.head.count,
                           now.boot_id, rebooted ? "; the machine was rebooted in between" : "")});
  return events;
}

std::vector<std::string> remaining(const Evidence& evidence, const PlannedStep& step) {
  std::vector<std::string> devices, gang;
  for (const std::string& device : step.devices) {
    if (still_to_run(evidence, step, device)) devices.push_back(device);
    if (!left_out(evidence, step, device)) gang.push_back(device);
  }
  return step.gang && !devices.empty() ? gang : devices;
}

std::uint64_t next_attempt(const Evidence& evidence, const std::string& step,
                           const std::string& device) {
  const TaskRecord* last = last_attempt(evidence, step, device);
  return last == nullptr ? 1 : last->attempt + 1;
}

std::uint64_t bad_ends(const Evidence& evidence, const std::string& step,
                       const std::string& device) {
  return static_cast<std::uint64_t>(std::count_if(
      evidence.tasks.begin(), evidence.tasks.end(),
      [&](const TaskRecord& t) { return t.step == step && t.device == device && bad(t); }));
}

}  // namespace rackproof
