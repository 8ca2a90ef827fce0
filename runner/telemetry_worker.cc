// SPDX-License-Identifier: Apache-2.0
#include "runner/telemetry_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "hardware/sensor.h"
#include "runner/kernel_follower.h"
#include "runner/sensor_readers.h"
#include "runner/telemetry_message.h"

namespace rackproof {
namespace {

constexpr std::size_t kReadingsInALine = 1000;
constexpr int kMessagesAtOnce = 8;  // a storm of lines must not keep sensors from being read
constexpr auto kBeat = std::chrono::seconds(1);
constexpr auto kProofDue = std::chrono::seconds(1);

Clock::duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

class TelemetryServer {
 public:
  TelemetryServer(Uplink& uplink, const TelemetryJob& job)
      : uplink_(uplink),
        interval_(from_seconds(std::max(job.interval_s, 0.01))),
        kernel_(job.root / "dev/kmsg", job.after),
        readers_(open_sensors(job.root)) {}

  void run() {
    kernel_.wait_for_proof(Clock::now() + kProofDue);
    for (auto due = Clock::now(); !sleep_until(due);
         due = std::max(due + interval_, Clock::now())) {
      tick();
    }
    tick();
    uplink_.send({{"t", "last"}});
  }

 private:
  // True when a stop came first.
  bool sleep_until(Clock::time_point due) {
    while (Clock::now() < due) {
      if (uplink_.stopped_before(std::min(due, Clock::now() + kBeat))) return true;
      uplink_.beat();
      if (kernel_.waiting() > 0) send_kernel_news();
    }
    return uplink_.stop();
  }

  void tick() {
    const auto patience = std::clamp<Clock::duration>(interval_ / 2, std::chrono::milliseconds(20),
                                                      std::chrono::milliseconds(500));
    send_readings(readers_.tick(patience));
    send_kernel_news();
  }

  void send_readings(const std::vector<Reading>& readings) {
    ++tick_;
    std::size_t at = 0;
    do {
      const std::size_t end = std::min(readings.size(), at + kReadingsInALine);
      const auto first = readings.begin();
      uplink_.send(to_json(TickPart{
          tick_,
          end < readings.size(),
          {first + static_cast<std::ptrdiff_t>(at), first + static_cast<std::ptrdiff_t>(end)}}));
      at = end;
    } while (at < readings.size());
  }

  void send_kernel_news() {
    for (int i = 0; i < kMessagesAtOnce && (i == 0 || kernel_.waiting() > 0); ++i) {
      uplink_.send(to_json(kernel_.take()));
    }
  }

  Uplink& uplink_;
  Clock::duration interval_;
  KernelFollower kernel_;
  SensorReaders readers_;
  std::uint64_t tick_ = 0;
};

}  // namespace

std::vector<std::string> words_of(const TelemetryJob& job) {
  return {job.root.string(), fmt::format("{}", job.interval_s),
          job.after ? std::to_string(*job.after) : "-"};
}

Expected<TelemetryJob> job_from_words(const std::vector<std::string>& words) {
  if (words.size() != 3) return fail("expected ROOT INTERVAL_S AFTER");
  TelemetryJob job;
  job.root = words[0];
  job.interval_s = std::strtod(words[1].c_str(), nullptr);
  if (!(job.interval_s > 0)) return fail("no interval: '" + words[1] + "'");
  if (words[2] == "-") return job;
  const char* end = words[2].data() + words[2].size();
  const auto read = std::from_chars(words[2].data(), end, job.after.emplace());
  if (read.ec != std::errc{} || read.ptr != end) return fail("no record: '" + words[2] + "'");
  return job;
}

void serve_telemetry(Uplink& uplink, const TelemetryJob& job) {
  TelemetryServer server(uplink, job);
  server.run();
  std::_Exit(0);  // the readers' threads cannot be joined when a sensor blocks
}

}  // namespace rackproof
