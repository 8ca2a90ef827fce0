// SPDX-License-Identifier: Apache-2.0
#include "core/evidence.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/json_fields.h"

namespace rackproof {
namespace {

TaskRecord* latest(std::vector<TaskRecord>& tasks, const std::string& step,
                   const std::string& device) {
  const auto found = std::find_if(tasks.rbegin(), tasks.rend(), [&](const TaskRecord& t) {
    return t.step == step && t.device == device;
  });
  return found == tasks.rend() ? nullptr : &*found;
}

bool open(const TaskRecord& task) { return task.outcome == Outcome::aborted && task.end_s == 0; }

std::string text_of(const Json& record, const char* key) {
  return record.at(key).get<std::string>();
}

void start_task(Evidence& evidence, const Json& record) {
  TaskRecord task;
  task.step = text_of(record, "step");
  task.device = text_of(record, "device");
  task.attempt = record.at("attempt");
  task.start_s = record.at("at_s");
  task.outcome = Outcome::aborted;  // until its task_end says otherwise
  task.detail = "no end was recorded";
  if (const TaskRecord* before = latest(evidence.tasks, task.step, task.device);
      before != nullptr && task.attempt <= before->attempt) {
    throw std::invalid_argument(fmt::format("attempt {} of {} on {} follows attempt {}",
                                            task.attempt, task.step, task.device, before->attempt));
  }
  evidence.tasks.push_back(std::move(task));
}

TaskRecord& task_in_hand(Evidence& evidence, const Json& record) {
  TaskRecord* task = latest(evidence.tasks, text_of(record, "step"), text_of(record, "device"));
  if (task == nullptr || !open(*task) ||
      task->attempt != record.at("attempt").get<std::uint64_t>()) {
    throw std::invalid_argument("a record of a task that is not running");
  }
  return *task;
}

template <class T>
T value_or_throw(Expected<T> value) {
  if (!value) throw std::invalid_argument(value.error().text());
  return *std::move(value);
}

void apply_checked(Evidence& evidence, const Json& record) {
  const std::string kind = text_of(record, "t");
  if (kind == "genesis") {
    evidence.genesis = value_or_throw(genesis_from_json(record));
  } else if (kind == "task_start") {
    start_task(evidence, record);
  } else if (kind == "window") {
    task_in_hand(evidence, record).windows.push_back(value_or_throw(window_from_json(record)));
  } else if (kind == "task_end") {
    TaskRecord& task = task_in_hand(evidence, record);
    task.outcome = value_or_throw(outcome_from_name(text_of(record, "outcome")));
    task.detail = text_of(record, "detail");
    task.end_s = record.at("at_s");
  } else if (kind == "event") {
    evidence.events.push_back(value_or_throw(event_from_json(record)));
  } else if (kind == "condition") {
    evidence.conditions.push_back(value_or_throw(condition_from_json(record)));
  } else if (kind == "sensor") {
    evidence.sensors.push_back(value_or_throw(sensor_from_json(record)));
  } else if (kind == "kernel_log") {
    evidence.kernel_log.push_back(value_or_throw(kernel_log_from_json(record)));
  } else if (kind == "segment") {
    evidence.segments.push_back(value_or_throw(segment_from_json(record)));
  } else if (kind == "end") {
    evidence.finished = true;
    evidence.interrupted = record.at("interrupted");
    evidence.duration_s = record.at("at_s");
    evidence.ended = text_of(record, "utc");
  } else {
    throw std::invalid_argument(fmt::format("unknown kind of record '{}'", kind));
  }
}

}  // namespace

Json to_json(const Genesis& g) {
  return Json{{"t", "genesis"},
              {"run_id", g.run_id},
              {"seed", hex(g.seed)},
              {"nonce", g.nonce},
              {"plan_sha256", g.plan_sha256},
              {"profile_sha256", g.profile_sha256},
              {"tool_sha256", g.tool_sha256},
              {"inventory_sha256", g.inventory_sha256},
              {"tool_version", g.tool_version},
              {"station", g.station},
              {"station_key", g.station_key},
              {"operator", g.operator_name},
              {"boot_id", g.boot_id},
              {"started", g.started},
              {"attempt", g.attempt},
              {"previous_sha256", g.previous_sha256}};
}

Expected<Genesis> genesis_from_json(const Json& j) {
  try {
    Genesis g;
    g.run_id = text_of(j, "run_id");
    g.seed = value_or_throw(parse_sha256(text_of(j, "seed")));
    g.nonce = text_of(j, "nonce");
    g.plan_sha256 = text_of(j, "plan_sha256");
    g.profile_sha256 = text_of(j, "profile_sha256");
    g.tool_sha256 = text_of(j, "tool_sha256");
    g.inventory_sha256 = text_of(j, "inventory_sha256");
    g.tool_version = text_of(j, "tool_version");
    g.station = text_of(j, "station");
    g.station_key = text_of(j, "station_key");
    g.operator_name = text_of(j, "operator");
    g.boot_id = text_of(j, "boot_id");
    g.started = text_of(j, "started");
    g.attempt = j.at("attempt");
    g.previous_sha256 = text_of(j, "previous_sha256");
    return g;
  } catch (const std::exception& problem) {
    return fail(fmt::format("not a genesis record: {}", problem.what()));
  }
}

Expected<void> Evidence::apply(const Json& record) {
  try {
    apply_checked(*this, record);
    return {};
  } catch (const std::exception& problem) {
    return fail(problem.what());
  }
}

bool Evidence::done(const std::string& step, const std::string& device) const {
  return std::any_of(tasks.begin(), tasks.end(), [&](const TaskRecord& t) {
    return t.step == step && t.device == device && t.outcome != Outcome::aborted &&
           t.outcome != Outcome::not_run;
  });
}

}  // namespace rackproof
