// SPDX-License-Identifier: Apache-2.0
#include "runner/sensor_readers.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <thread>

namespace rackproof {
namespace {

constexpr auto kAnswerDue = std::chrono::seconds(5);

std::vector<Reading> read_once(SensorSource& source) {
  try {
    return source.read();
  } catch (const std::exception& problem) {
    return {{.sensor = source.name(), .state = Reading::State::error, .detail = problem.what()}};
  }
}

}  // namespace

// All under the board's mutex, but for the source, which is its thread's own.
struct SensorReaders::Reader {
  std::unique_ptr<SensorSource> source;
  std::string name;
  std::uint64_t done = 0;  // the tick that it has answered
  bool reading = false;
  Clock::time_point since{};
  std::vector<Reading> fresh, known;

  // What it has read, or what its silence says.
  std::vector<Reading> take() {
    if (!fresh.empty()) return std::exchange(fresh, {});
    const auto silent = Clock::now() - since;
    if (!reading || silent < kAnswerDue) return {};
    std::vector<Reading> errors = known;
    for (Reading& error : errors) {
      error.state = Reading::State::error;
      error.detail = fmt::format("{} has not answered for {} s", name,
                                 std::chrono::round<std::chrono::seconds>(silent).count());
    }
    return errors;
  }
};

SensorReaders::SensorReaders(std::vector<std::unique_ptr<SensorSource>> sources) {
  const std::lock_guard lock(board_.mutex);
  for (auto& source : sources) add(std::move(source));
}

SensorReaders::~SensorReaders() = default;

void SensorReaders::add(std::unique_ptr<SensorSource> source) {
  auto& reader = readers_.emplace_back(std::make_unique<Reader>());
  reader->name = source->name();
  reader->known = {{.sensor = reader->name}};
  reader->source = std::move(source);
  std::thread([this, mine = reader.get()] { read_forever(*mine); }).detach();
}

void SensorReaders::read_forever(Reader& reader) {
  std::unique_lock lock(board_.mutex);
  while (true) {
    // What came too late for its tick waits for the next one; a rise may be told only once.
    board_.changed.wait(lock, [&] { return board_.tick > reader.done && reader.fresh.empty(); });
    const std::uint64_t tick = board_.tick;
    reader.reading = true;
    reader.since = Clock::now();
    lock.unlock();
    std::vector<Reading> readings = read_once(*reader.source);
    auto found = reader.source->found();
    lock.lock();
    for (auto& source : found) add(std::move(source));
    reader.reading = false;
    reader.done = tick;
    if (!readings.empty()) reader.known = readings;
    reader.fresh = std::move(readings);
    board_.changed.notify_all();
  }
}

std::vector<Reading> SensorReaders::tick(Clock::duration patience) {
  std::unique_lock lock(board_.mutex);
  ++board_.tick;
  board_.changed.notify_all();
  board_.changed.wait_for(lock, patience, [this] {
    return std::ranges::all_of(
        readers_, [this](const auto& r) { return r->done == board_.tick || !r->fresh.empty(); });
  });
  std::vector<Reading> all;
  for (const auto& reader : readers_) {
    std::vector<Reading> taken = reader->take();
    std::move(taken.begin(), taken.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace rackproof
