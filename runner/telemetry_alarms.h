// SPDX-License-Identifier: Apache-2.0
// Counters that rose and lines of the kernel log as events: bound to step and device, alike ones
// told once, and a storm told by its first hundred.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/device.h"
#include "core/record.h"
#include "hardware/kernel_log.h"
#include "hardware/sensor.h"
#include "runner/sensor_windows.h"

namespace rackproof {

class Alarms {
 public:
  using ClassOf = std::function<CounterClass(std::string_view)>;
  using Classify = std::function<std::optional<KernelEvent>(const KernelRecord&)>;
  using Note = std::function<void(const EventRecord&)>;

  /// Of one cause, severity and, where it is fatal, part: more are only counted by the windows.
  static constexpr std::uint64_t kMostAlike = 100;

  Alarms(std::vector<DeviceInfo> devices, Note note, ClassOf class_of = class_of_counter,
         Classify classify = rackproof::classify);

  /// One event when the counter rose and its class is warning or fatal.
  void rose(const SensorWindows::Taken& taken, const std::string& step);
  /// Whether a rise of this counter makes an event.
  [[nodiscard]] bool minds(std::string_view sensor) const;
  /// Kept until close_window(); whether it is more than information. Our own lines are no events.
  bool logged(const KernelRecord& record, double at_s, const std::string& step);
  /// Notes what was logged: one event for all alike, at the time of the first.
  void close_window();

 private:
  using Alike = std::tuple<std::string, std::string, std::string, std::string>;
  void note(EventRecord event);
  [[nodiscard]] std::string device_at(const std::string& part, const std::string& cause) const;

  std::vector<DeviceInfo> devices_;
  Note note_;
  ClassOf class_of_;
  Classify classify_;
  std::map<Alike, EventRecord> logged_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> noted_;  ///< by cause, severity
  std::set<std::pair<std::string, std::string>> fatal_parts_;           ///< by cause, part
};

}  // namespace rackproof
