// SPDX-License-Identifier: Apache-2.0
// What happened, as the journal holds it; judge(plan, evidence) is a pure function of these two.
// Each record is one JSON object with a "t" naming its kind; apply() is how both the live run and a
// verifier build the Evidence, so there is one meaning of a record.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/hash.h"
#include "core/record.h"

namespace rackproof {

/// First record of every journal: t = "genesis".
struct Genesis {
  std::string run_id;  ///< 32 hex digits
  Seed seed{};
  std::string nonce;  ///< the customer's, hex; empty: none
  std::string plan_sha256, profile_sha256, tool_sha256, inventory_sha256;
  std::string tool_version, station, station_key, operator_name, boot_id;
  std::string started;        ///< UTC, RFC 3339
  std::uint64_t attempt = 1;  ///< of this unit, with the digest of the attempt before
  std::string previous_sha256;
};
[[nodiscard]] Json to_json(const Genesis& genesis);
[[nodiscard]] Expected<Genesis> genesis_from_json(const Json& json);

struct Evidence {
  Genesis genesis;
  std::vector<TaskRecord> tasks;  ///< in the order in which they began
  std::vector<EventRecord> events;
  std::vector<ConditionRecord> conditions;  ///< of the environment, as they were looked at
  std::vector<SensorWindow> sensors;
  std::vector<KernelLogWindow> kernel_log;
  std::vector<SegmentRecord> segments;
  bool interrupted = false;  ///< stopped by the operator before the end
  bool finished = false;     ///< the runner reached the end of its plan
  std::string ended;         ///< UTC of the last "end" record
  double duration_s = 0;

  /// Takes one record: "genesis" {..}, "task_start" {step, device, attempt, at_s}, "window" {step,
  /// device, attempt, ..WindowRecord}, "task_end" {step, device, attempt, at_s, outcome, detail},
  /// "event" {..}, "condition" {..}, "sensor" {..}, "kernel_log" {..}, "segment" {..}, "end" {at_s, utc, interrupted}. A second task_start of a step on
  /// a device closes an unfinished earlier attempt as aborted. Refuses unknown kinds and broken
  /// order.
  [[nodiscard]] Expected<void> apply(const Json& record);
  /// Steps and devices whose last attempt ended with anything but aborted: a resume leaves them.
  [[nodiscard]] bool done(const std::string& step, const std::string& device) const;
};

}  // namespace rackproof
