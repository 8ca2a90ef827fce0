// SPDX-License-Identifier: Apache-2.0
// All sensor sources, each read by a thread of its own, a tick at a time.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "core/device.h"
#include "hardware/sensor.h"

namespace rackproof {

/// A source that is found while they run gets its thread then. Its threads are detached and may be
/// blocked by the kernel for ever: it must live as long as the process.
class SensorReaders {
 public:
  explicit SensorReaders(std::vector<std::unique_ptr<SensorSource>> sources);
  SensorReaders(const SensorReaders&) = delete;
  SensorReaders& operator=(const SensorReaders&) = delete;
  ~SensorReaders();

  /// Asks every source that is not still reading, waits for them at most `patience`, and gives what
  /// has been read since the last tick; of a source silent for five seconds, errors.
  [[nodiscard]] std::vector<Reading> tick(Clock::duration patience);

 private:
  struct Reader;
  struct Board {
    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t tick = 0;
  };
  void add(std::unique_ptr<SensorSource> source);  ///< under the board's mutex
  void read_forever(Reader& reader);

  Board board_;
  std::vector<std::unique_ptr<Reader>> readers_;
};

}  // namespace rackproof
