// SPDX-License-Identifier: Apache-2.0
#include "runner/ledger.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

Evidence begun_with(const Genesis& genesis) {
  Evidence evidence;
  evidence.genesis = genesis;
  return evidence;
}

Clock::duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

Json task_record(const char* kind, const std::string& step, const std::string& device,
                 std::uint64_t attempt) {
  return Json{{"t", kind}, {"step", step}, {"device", device}, {"attempt", attempt}};
}

}  // namespace

double last_time(const Evidence& evidence) {
  double last = evidence.duration_s;
  for (const TaskRecord& task : evidence.tasks) last = std::max({last, task.start_s, task.end_s});
  for (const EventRecord& event : evidence.events) last = std::max(last, event.at_s);
  for (const SensorWindow& s : evidence.sensors) last = std::max(last, s.start_s + s.length_s);
  for (const KernelLogWindow& k : evidence.kernel_log)
    last = std::max(last, k.start_s + k.length_s);
  for (const SegmentRecord& segment : evidence.segments) last = std::max(last, segment.end_s);
  return last;
}

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

Ledger::Ledger(const std::filesystem::path& journal, const Genesis& genesis)
    : evidence_(begun_with(genesis)),
      writer_(JournalWriter::create(journal, to_json(genesis).dump())),
      zero_(Clock::now()),
      last_sync_(zero_) {}

Ledger::Ledger(const std::filesystem::path& journal, const JournalContents& contents,
               Evidence evidence)
    : evidence_(std::move(evidence)),
      writer_(JournalWriter::resume(journal, contents)),
      zero_(Clock::now() - from_seconds(last_time(evidence_))),
      last_sync_(Clock::now()) {}

// What apply() refuses is a broken invariant here, since every record is made in this file.
void Ledger::put(const Json& record) {
  const auto applied = evidence_.apply(record);
  if (!applied) throw std::logic_error("a record out of order: " + applied.error().message);
  writer_.append(record.dump());
  dirty_ = true;
}

void Ledger::put(const char* kind, Json record) {
  record["t"] = kind;
  put(record);
}

void Ledger::task_start(const std::string& step, const std::string& device, std::uint64_t attempt) {
  Json record = task_record("task_start", step, device, attempt);
  record["at_s"] = at_s();
  put(record);
}

void Ledger::window(const std::string& step, const std::string& device, std::uint64_t attempt,
                    const WindowRecord& window) {
  Json record = task_record("window", step, device, attempt);
  record.update(to_json(window));
  put(record);
}

void Ledger::task_end(const std::string& step, const std::string& device, std::uint64_t attempt,
                      Outcome outcome, const std::string& detail) {
  Json record = task_record("task_end", step, device, attempt);
  record["at_s"] = at_s();
  record["outcome"] = name(outcome);
  record["detail"] = detail;
  put(record);
}

const EventRecord& Ledger::event(EventRecord event) {
  event.at_s = at_s();
  return event_at(std::move(event));
}

const EventRecord& Ledger::event_at(EventRecord event) {
  put("event", to_json(event));
  return evidence_.events.back();
}

const ConditionRecord& Ledger::condition(ConditionRecord record) {
  record.at_s = at_s();
  put("condition", to_json(record));
  return evidence_.conditions.back();
}

void Ledger::sensor(const SensorWindow& window) { put("sensor", to_json(window)); }

void Ledger::kernel_log(const KernelLogWindow& window) { put("kernel_log", to_json(window)); }

void Ledger::segment(const SegmentRecord& segment) {
  put("segment", to_json(segment));
  if (segment.end_s > at_s()) zero_ = Clock::now() - from_seconds(segment.end_s);
}

void Ledger::end(bool interrupted) {
  put({{"t", "end"}, {"at_s", at_s()}, {"utc", utc_now()}, {"interrupted", interrupted}});
  sync();
}

void Ledger::seal(const std::string& record) {
  writer_.seal(record);
  dirty_ = false;
}

void Ledger::sync() {
  if (dirty_) writer_.sync();
  dirty_ = false;
  last_sync_ = Clock::now();
}

void Ledger::sync_when_due(Clock::time_point now) {
  if (now - last_sync_ >= std::chrono::milliseconds(900)) sync();
}

double Ledger::at_s() const { return std::chrono::duration<double>(Clock::now() - zero_).count(); }

}  // namespace rackproof
