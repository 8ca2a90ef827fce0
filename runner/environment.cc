// SPDX-License-Identifier: Apache-2.0
#include "runner/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "hardware/condition.h"
#include "runner/environment_message.h"
#include "runner/link.h"

namespace rackproof {
namespace {

constexpr int kTick_ms = 50;

const DeviceInfo* device_named(const Rack& rack, const std::string& id) {
  const auto found = std::find_if(rack.devices.begin(), rack.devices.end(),
                                  [&](const DeviceInfo& device) { return device.id == id; });
  return found == rack.devices.end() ? nullptr : &*found;
}

// Everything that is demanded of one part, until its worker has ended one way or another.
class Look {
 public:
  Look(std::string part, const EnvironmentRequest& request)
      : part_(std::move(part)), deadline_s_(request.deadline_s), begun_(Clock::now()) {
    for (const ConditionDemand& demand : request.demands) {
      if (demand.part == part_) order_.demands.push_back(demand);
    }
    order_.root = request.root;
    begin(request);
  }

  void pump(Clock::time_point now) {
    if (over()) return;
    link_->pump([this](const Json& message) {
      try {
        on_message(message);
      } catch (const std::exception& problem) {
        garbage_ = problem.what();
      }
    });
    if (garbage_.empty()) garbage_ = link_->problem();
    if (!garbage_.empty()) {
      end("what reads it broke the protocol: " + garbage_);
    } else if (const auto status = link_->exit_status()) {
      end("what reads it " + describe_exit(*status) + link_->stderr_note());
    } else if (std::chrono::duration<double>(now - begun_).count() > deadline_s_) {
      end(fmt::format("no answer within {:.3g} s", deadline_s_));
    }
  }

  [[nodiscard]] bool over() const { return link_ == nullptr; }
  void add_polls(std::vector<pollfd>& polls) const {
    if (link_) link_->add_polls(polls);
  }
  [[nodiscard]] const std::string& part() const { return part_; }
  [[nodiscard]] ConditionRecord of(const ConditionDemand& demand) const {
    const auto found =
        std::find_if(records_.begin(), records_.end(),
                     [&](const ConditionRecord& record) { return record.name == demand.name; });
    ConditionRecord record = found == records_.end() ? not_known(problem_) : *found;
    record.name = demand.name;
    record.part = part_;
    return record;
  }

 private:
  void begin(const EnvironmentRequest& request) {
    const auto& ids = order_.demands.front().devices;
    const DeviceInfo* device = ids.empty() ? nullptr : device_named(request.rack, ids.front());
    if (device == nullptr) return end("its device is not there");
    if (!device->node.empty()) return end("node " + device->node + " is not this host");
    order_.device = *device;
    auto child = request.spawn(with_words(request.worker_command, {"environment"}));
    if (!child) return end("what reads it could not be started: " + child.error().message);
    link_ = std::make_unique<Link>(*std::move(child));
    link_->send(to_json(order_));
  }

  void on_message(const Json& message) {
    const std::string kind = message.at("t");
    if (kind == "condition") {
      take(condition_from_message(message));
    } else if (kind == "error") {
      throw std::runtime_error(message.at("text").get<std::string>());
    } else if (kind != "hello" && kind != "done" && kind != "beat") {
      throw std::runtime_error("a message of unknown kind");
    }
  }

  void take(Expected<ConditionRecord> record) {
    if (!record) throw std::runtime_error(record.error().message);
    const auto named = [&](const auto& other) { return other.name == record->name; };
    if (std::none_of(order_.demands.begin(), order_.demands.end(), named))
      throw std::runtime_error(record->name + " was not asked for");
    if (std::any_of(records_.begin(), records_.end(), named))
      throw std::runtime_error(record->name + " twice");
    records_.push_back(*std::move(record));
  }

  void end(std::string problem) {
    problem_ = std::move(problem);
    link_.reset();
  }

  std::string part_;
  double deadline_s_;
  Clock::time_point begun_;
  LookOrder order_;
  std::unique_ptr<Link> link_;
  std::vector<ConditionRecord> records_;
  std::string problem_, garbage_;
};

using Looks = std::vector<std::unique_ptr<Look>>;

Looks start_all(const EnvironmentRequest& request) {
  Looks looks;
  for (const ConditionDemand& demand : request.demands) {
    const bool known = std::any_of(looks.begin(), looks.end(),
                                   [&](const auto& look) { return look->part() == demand.part; });
    if (!known) looks.push_back(std::make_unique<Look>(demand.part, request));
  }
  return looks;
}

bool stopped(const EnvironmentRequest& request) {
  return request.stop != nullptr && request.stop->load(std::memory_order_relaxed);
}

void finish_all(const Looks& looks, const EnvironmentRequest& request) {
  const auto over = [](const auto& look) { return look->over(); };
  while (!stopped(request) && !std::all_of(looks.begin(), looks.end(), over)) {
    std::vector<pollfd> polls;
    for (const auto& look : looks) look->add_polls(polls);
    wait_for_news(polls, kTick_ms);
    for (const auto& look : looks) look->pump(Clock::now());
  }
}

}  // namespace

std::vector<ConditionRecord> look_at_environment(const EnvironmentRequest& request) {
  const Looks looks = start_all(request);
  finish_all(looks, request);
  if (stopped(request)) return {};
  std::vector<ConditionRecord> records;
  for (const ConditionDemand& demand : request.demands) {
    const auto look = std::find_if(looks.begin(), looks.end(),
                                   [&](const auto& each) { return each->part() == demand.part; });
    records.push_back((*look)->of(demand));
  }
  return records;
}

std::vector<ConditionRecord> forbidding(const std::vector<ConditionDemand>& demands,
                                        const std::vector<ConditionRecord>& records) {
  std::vector<ConditionRecord> bad;
  for (const ConditionRecord& record : records) {
    const bool stop = std::any_of(demands.begin(), demands.end(),
                                  [&](const auto& demand) { return stops(demand, record); });
    if (stop) bad.push_back(record);
  }
  return bad;
}

}  // namespace rackproof
