// SPDX-License-Identifier: Apache-2.0
// A Context's records on their way to the supervisor.
#pragma once

#include "core/context.h"
#include "runner/uplink.h"

namespace rackproof {

class SocketRecorder : public Recorder {
 public:
  explicit SocketRecorder(Uplink& uplink) : uplink_(uplink) {}
  void window(const WindowRecord& record) override;
  void phase(Phase phase) override;
  Clock::time_point barrier() override;
  std::vector<std::string> exchange(const std::string& bytes) override;

 private:
  Uplink& uplink_;
  std::uint64_t exchanges_ = 0;
};

/// The same window in pieces of at most `most` tallies each, so that each fits a line: the pieces
/// share out time and bursts, and all else stays with the first.
[[nodiscard]] std::vector<WindowRecord> split(const WindowRecord& record, std::size_t most);

}  // namespace rackproof
