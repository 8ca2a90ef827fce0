// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/batches.h"

#include <algorithm>

namespace rackproof::kernels {
namespace {

constexpr std::size_t kMostKept = 2;  // both states of work that alternates

}  // namespace

std::uint64_t Batches::run(const Pace& pace, const RunFor& how, const Iteration& iteration) {
  Clock::duration each{0};
  std::uint64_t done = 0;
  while (std::uint64_t count = pace.next(done, each, limits_.longest)) {
    Recording* recording = nullptr;
    if (iteration.singly) count = 1;
    if (count >= limits_.recorded)
      recording = recording_for(how, iteration, done >= limits_.unrecorded);
    if (recording != nullptr) count -= count % limits_.recorded;
    const auto begun = Clock::now();
    start(count, recording, iteration);
    lanes_.finish();
    each = (Clock::now() - begun) / static_cast<Clock::rep>(count);
    done += count;
  }
  return done;
}

void Batches::start(std::uint64_t count, Recording* recording, const Iteration& iteration) const {
  if (recording == nullptr) {
    for (std::uint64_t i = 0; i < count; ++i) iteration.start();
  } else {
    for (std::uint64_t i = 0; i < count; i += limits_.recorded) recording->start(lanes_.queue());
  }
}

// Null where the driver cannot. Nothing ran meanwhile, so that what a vendor's library refuses to
// have recorded is started one by one as before; a device that is lost says so there. Where it
// refused in the midst of work that alternates, what comes next would be the wrong half.
std::unique_ptr<Recording> Batches::record(const Iteration& iteration, std::uint64_t state) const {
  try {
    return lanes_.card().driver().record(lanes_.queue(),
                                         [&] { start(limits_.recorded, nullptr, iteration); });
  } catch (const DeviceError&) {
    if (iteration.state() != state) throw;
    return nullptr;
  }
}

Recording* Batches::recording_for(const RunFor& how, const Iteration& iteration, bool may_record) {
  const Sameness same{how.pattern, iteration.state(), how.address_bit, how.half, how.core};
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.same == same; });
  if (found != kept_.end()) return found->recording.get();
  if (!may_record || !records_ || lanes_.count() > 1) return nullptr;
  auto made = record(iteration, same.state);
  records_ = made != nullptr;
  if (!records_) return nullptr;
  if (kept_.size() >= kMostKept) kept_.clear();
  kept_.push_back({same, std::move(made)});
  return kept_.back().recording.get();
}

}  // namespace rackproof::kernels
