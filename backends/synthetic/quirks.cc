// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/quirks.h"

#include <fmt/format.h>

#include <csignal>
#include <thread>

#include "core/oracle.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kWrongEvery = 4;  // bursts, unless the description says otherwise

bool matches(const std::string& word, const Work& work) {
  return word == "all" || word == work.kind();
}

[[noreturn]] void hang() {
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

void end_by(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

Quirks::Quirks(SyntheticDescription description) : is_(std::move(description)), wrong_(is_.wrong) {
  // Who denies its miscompares needs some to deny.
  if (is_.lie == Lie::count && wrong_ == Wrong::nothing) wrong_ = Wrong::stuck;
}

bool Quirks::strikes(Counter counter, std::uint64_t every) {
  const std::uint64_t chance = next(counter);
  return chance >= is_.after && (chance - is_.after) % every == 0;
}

std::uint64_t Quirks::draw(Counter counter) const {
  return mix64(mix64(is_.serial) + chances_[counter].load());
}

void Quirks::obstruct(const Work& work) {
  if (is_.crash_signal != 0 && strikes(kCrash, 1)) end_by(is_.crash_signal);
  if (matches(is_.hang, work) && strikes(kHang, 1)) hang();
  if (matches(is_.error, work) && strikes(kError, 1)) {
    throw DeviceError(fmt::format("{} on {}: the device is lost", work.kind(), is_.id()));
  }
}

double Quirks::lateness() {
  return is_.late_s > 0 && strikes(kLate, is_.every.value_or(1)) ? is_.late_s : 0;
}

double Quirks::drag() {
  const double share = static_cast<double>(next(kDrag) == 0 ? 0 : draw(kDrag) >> 32) / 4294967296.0;
  return (1 + is_.spread * share) / (1 - is_.slow);
}

bool Quirks::concerns(const Work& work) const {
  switch (wrong_) {
    case Wrong::nothing:
      return false;
    case Wrong::memory:
      return work.site() == FaultSite::memory;
    case Wrong::transfer:
      return work.site() == FaultSite::transfer;
    default:
      return work.computes();
  }
}

Upset Quirks::upset(const Work& work, const RunFor& how) {
  if (wrong_ != Wrong::memory || !concerns(work) || work.elements(how) == 0) return std::nullopt;
  if (!strikes(kWrong, is_.every.value_or(kWrongEvery))) return std::nullopt;
  return draw(kWrong);
}

// Which element a draw falls on; a core only has those that are its own.
std::optional<std::uint64_t> Quirks::victim(const Work& work, const RunFor& how,
                                            std::uint64_t draw) const {
  const std::uint64_t count = work.elements(how);
  const bool idle = how.core >= 0 && static_cast<std::uint32_t>(how.core) != is_.wrong_core;
  if (count == 0 || (wrong_ == Wrong::core && idle)) return std::nullopt;
  if (wrong_ != Wrong::core || how.core >= 0) return work.element(how, draw % count);
  if (is_.wrong_core >= count) return std::nullopt;
  const std::uint64_t own = (count - 1 - is_.wrong_core) / is_.cores + 1;
  return is_.wrong_core + draw % own * is_.cores;
}

std::optional<Damage> Quirks::damage(const Work& work, const RunFor& how,
                                     std::uint64_t iterations) {
  if (wrong_ == Wrong::memory || !concerns(work)) return std::nullopt;
  const bool stuck = wrong_ == Wrong::stuck;
  if (!strikes(kWrong, is_.every.value_or(stuck ? 1 : kWrongEvery))) return std::nullopt;
  const std::uint64_t number = stuck ? mix64(is_.serial) : draw(kWrong);
  const auto element = victim(work, how, number);
  if (!element) return std::nullopt;
  const std::uint64_t right = work.expected(how.pattern, *element), bits = work.all_bits();
  const std::uint64_t width = bits == ~0ULL ? 64 : 32;
  return Damage{*element, right, right ^ 1ULL << mix64(number) % width, stuck ? iterations : 1};
}

}  // namespace rackproof
