// SPDX-License-Identifier: Apache-2.0
#include "core/context_impl.h"

#include <thread>

namespace rackproof {
namespace {

// A fault that nothing lets strike by then never will.
constexpr std::uint64_t kMaxBurstsPerFault = 4096;
constexpr double kBetweenUrgent = 0.05;  // seconds: a device that is always wrong must not flood
constexpr std::uint64_t kUnannouncedStream = 3000;  // when a fault among the load's bursts is due
constexpr std::uint64_t kBurstsPerUnannounced = 64;
constexpr std::size_t kFindingsRoom = kMaxSamples / 2;  // what a struck burst always can add
constexpr std::size_t kMaxFaultsPerWindow = 32;

}  // namespace

void Context::Impl::begin_load() {
  if (loading) return;
  loading = true;
  load_start = settings.gang ? recorder.barrier() : Clock::now();
  std::this_thread::sleep_until(load_start);
  window_start = load_start;
  recorder.phase(Phase::load);
}

void Context::Impl::take_off(int more) {
  const auto now = Clock::now();
  if (in_flight > 1)
    window.record().overlap_s += (in_flight - 1) * seconds_between(in_flight_since, now);
  in_flight += more;
  in_flight_since = now;
}

std::uint64_t Context::Impl::pattern(std::uint64_t index) const {
  return derive(settings.seed, settings.device, settings.step, index);
}

void Context::Impl::flush() {
  if (!loading || window.empty()) return;
  const auto now = Clock::now();
  recorder.window(
      window.take(seconds_between(load_start, window_start), seconds_between(load_start, now)));
  window_start = now;
}

void Context::Impl::flush_when_due() {
  if (window.record().bursts == 0) return;
  const auto now = Clock::now();
  const bool urgent = window.record().miscompares > 0 || !window.record().late.empty();
  const bool at_once = urgent && seconds_between(last_urgent, now) >= kBetweenUrgent;
  if (at_once) last_urgent = now;
  const bool full = window.record().findings.size() > kFindingsRoom ||
                    window.record().faults.size() >= kMaxFaultsPerWindow;
  const bool room_needed = settings.drill && full;
  if (at_once || room_needed || seconds_between(window_start, now) >= settings.window_s) flush();
}

const Fault* Context::Impl::claim_fault() {
  if (striking || next_fault >= settings.faults.size()) return nullptr;
  if (!(settings.drill ? bursts_since_fault >= 1 : unannounced_due())) return nullptr;
  striking = true;
  return &settings.faults[next_fault];
}

// Among an ordinary load's bursts nobody is told when: that comes from the seed.
bool Context::Impl::unannounced_due() const {
  if (bursts == 0) return false;
  const std::uint64_t draw = pattern(kUnannouncedStream + next_fault);
  if (settings.duration_s > 0) {
    const double share =
        (static_cast<double>(next_fault) + static_cast<double>(draw % 1000) / 1000) /
        static_cast<double>(settings.faults.size());
    return seconds_between(load_start, Clock::now()) >= share * 0.9 * settings.duration_s;
  }
  return bursts >= next_fault * kBurstsPerUnannounced + draw % kBurstsPerUnannounced;
}

void Context::Impl::note_fault(const Fault& fault, const std::string& work,
                               const std::vector<Activation>& activations) {
  FaultRecord record{
      fault.id, std::string(name(fault.site)), std::string(name(fault.kind)), work, bursts, {}};
  for (const Activation& a : activations) record.flips.push_back({a.element, a.before, a.after});
  window.record().faults.push_back(std::move(record));
  ++next_fault;
  settle_fault();
}

bool Context::Impl::drill_over() const {
  const bool all_struck = next_fault >= settings.faults.size() && bursts_since_fault >= 1;
  return all_struck || bursts_since_fault > kMaxBurstsPerFault;
}

}  // namespace rackproof
