// SPDX-License-Identifier: Apache-2.0
#include "runner/socket_recorder.h"

#include <nlohmann/json.hpp>

#include "runner/exchange.h"

namespace rackproof {
namespace {

constexpr std::size_t kTalliesInALine = 2000;  // of about 250 bytes

}  // namespace

std::vector<WindowRecord> split(const WindowRecord& record, std::size_t most) {
  if (record.work.size() <= most) return {record};
  const std::size_t count = (record.work.size() + most - 1) / most;
  std::vector<WindowRecord> pieces(count);
  pieces[0] = record;
  pieces[0].work.clear();
  for (std::size_t i = 0; i < record.work.size(); ++i) {
    pieces[i / most].work.push_back(record.work[i]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    pieces[i].length_s = record.length_s / static_cast<double>(count);
    pieces[i].start_s = record.start_s + static_cast<double>(i) * pieces[i].length_s;
    pieces[i].bursts = 0;
    for (const WorkTally& tally : pieces[i].work) pieces[i].bursts += tally.bursts;
  }
  return pieces;
}

void SocketRecorder::window(const WindowRecord& record) {
  for (const WindowRecord& piece : split(record, kTalliesInALine)) {
    Json message = to_json(piece);
    message["t"] = "window";
    uplink_.send(message);
  }
}

void SocketRecorder::phase(Phase phase) {
  uplink_.send({{"t", "phase"}, {"phase", phase == Phase::load ? "load" : "prepare"}});
}

Clock::time_point SocketRecorder::barrier() {
  uplink_.send({{"t", "barrier"}});
  const auto go = parse_json(uplink_.wait_for("go"));
  if (!go) return Clock::now();  // stopped while waiting: the step ends at its next running()
  return Clock::time_point(std::chrono::nanoseconds(go->at("start_ns").get<std::int64_t>()));
}

std::vector<std::string> SocketRecorder::exchange(const std::string& bytes) {
  uplink_.send({{"t", "exchange"}, {"round", exchanges_++}, {"bytes", hex_of(bytes)}});
  const auto answer = parse_json(uplink_.wait_for("exchanged"));
  if (!answer) throw StepStopped{};
  std::vector<std::string> all;
  for (const Json& one : answer->at("all"))
    all.push_back(bytes_of_hex(one.get<std::string>()).value());
  return all;
}

}  // namespace rackproof
