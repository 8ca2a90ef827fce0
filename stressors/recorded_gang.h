// SPDX-License-Identifier: Apache-2.0
// For the tests of stressors that need peers: one step on all devices of a synthetic node, each in
// a thread of its own that opens all of them, as workers do, with all that each recorded.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "stressors/recorded_step.h"

namespace rackproof {

/// Where the members exchange: the last to come lets all go on. Who leaves stops the others.
class Meeting {
 public:
  explicit Meeting(std::size_t members) : members_(members) {}

  std::vector<std::string> exchange(std::size_t rank, const std::string& bytes) {
    std::unique_lock lock(mutex_);
    const std::size_t round = rounds_.size();
    said_[rank] = bytes;
    if (said_.size() == members_) close_round();
    changed_.wait(lock, [&] { return rounds_.size() > round || left_; });
    if (rounds_.size() <= round) throw StepStopped{};
    return rounds_[round];
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    left_ = true;
    changed_.notify_all();
  }

 private:
  void close_round() {
    auto& round = rounds_.emplace_back();
    for (auto& [rank, bytes] : said_) round.push_back(bytes);
    said_.clear();
    changed_.notify_all();
  }

  std::size_t members_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::size_t, std::string> said_;
  std::vector<std::vector<std::string>> rounds_;
  bool left_ = false;
};

class RecordedMember : public RecordedStep {
 public:
  std::string skipped;  ///< why the device could not do it; empty: it could

  void join(Meeting& meeting, std::size_t rank) {
    meeting_ = &meeting;
    rank_ = rank;
  }
  std::vector<std::string> exchange(const std::string& bytes) override {
    return meeting_->exchange(rank_, bytes);
  }

 private:
  Meeting* meeting_ = nullptr;
  std::size_t rank_ = 0;
};

/// A node of so many small devices, with these statements of its description added.
inline std::string synthetic_node(std::size_t devices, const std::string& statements = {}) {
  return "rack devices=" + std::to_string(devices) +
         " memory=16MiB cores=4 spread=0% peer_link=10GB/s" +
         (statements.empty() ? "" : "; " + statements);
}

inline void run_member(const std::string& node, StepSettings settings, std::size_t rank,
                       Meeting& meeting, RecordedMember& record) {
  const auto devices = discover_synthetic(node).value();
  std::vector<Device*> peers;
  for (const auto& device : devices) {
    peers.push_back(device.get());
    settings.peers.push_back(device->info().id);
  }
  settings.device = settings.peers[rank];
  record.join(meeting, rank);
  const std::atomic<bool> stop{false};
  try {
    run_step(*peers[rank], *find_stressor(settings.stressor), settings, record, stop, peers);
  } catch (const StepUnsupported& skip) {
    record.skipped = skip.reason;
    meeting.leave();
  }
}

/// What each device of the node recorded, by rank.
inline std::vector<RecordedMember> run_gang(const std::string& node, const StepSettings& settings) {
  const std::size_t members = discover_synthetic(node).value().size();
  std::vector<RecordedMember> records(members);
  Meeting meeting(members);
  std::vector<std::thread> threads;
  for (std::size_t rank = 0; rank < members; ++rank)
    threads.emplace_back([&, rank] { run_member(node, settings, rank, meeting, records[rank]); });
  for (std::thread& thread : threads) thread.join();
  return records;
}

}  // namespace rackproof
