// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/quirks.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <csignal>
#include <thread>

#include "core/oracle.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kWrongEvery = 4;  // bursts, unless the description says otherwise

bool matches(const std::string& word, const Work& work) {
  return word == "all" || word == work.kind();
}

// Bits of an element.
std::uint64_t width_of(const Work& work) {
  return static_cast<std::uint64_t>(std::popcount(work.all_bits()));
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
  if (crosses_link(work, &LinkQuirk::hang) && strikes(kLinkHang, 1)) hang();
  if (matches(is_.error, work) && strikes(kError, 1)) {
    throw DeviceError(fmt::format("{} on {}: the device is lost", work.kind(), is_.id()));
  }
}

double Quirks::lateness() {
  return is_.late_s > 0 && strikes(kLate, is_.every.value_or(1)) ? is_.late_s : 0;
}

double Quirks::drag(const Work& work) {
  const double share = static_cast<double>(next(kDrag) == 0 ? 0 : draw(kDrag) >> 32) / 4294967296.0;
  double slow = is_.slow;
  for (const auto& [from, link] : is_.links) {
    if (work.comes_from(from)) slow = std::max(slow, link.slow);
  }
  if (work.crosses_host()) slow = std::max(slow, is_.far_slow);
  return (1 + is_.spread * share) / (1 - slow);
}

bool Quirks::crosses_link(const Work& work, bool LinkQuirk::*quirk) const {
  return std::any_of(is_.links.begin(), is_.links.end(), [&](const auto& entry) {
    return entry.second.*quirk && work.comes_from(entry.first);
  });
}

std::optional<Damage> Quirks::damage_of_link(const Work& work, const RunFor& how) {
  if (!crosses_link(work, &LinkQuirk::wrong) || work.elements(how) == 0) return std::nullopt;
  if (!strikes(kLinkWrong, is_.every.value_or(kWrongEvery))) return std::nullopt;
  const std::uint64_t number = draw(kLinkWrong);
  const std::uint64_t element = work.element(how, number % work.elements(how));
  const std::uint64_t right = work.expected(how.pattern, element);
  return Damage{element, right, right ^ 1ULL << mix64(number) % width_of(work)};
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
  if (const auto link = damage_of_link(work, how)) return link;
  if (wrong_ == Wrong::memory || !concerns(work)) return std::nullopt;
  const bool stuck = wrong_ == Wrong::stuck;
  if (!strikes(kWrong, is_.every.value_or(stuck ? 1 : kWrongEvery))) return std::nullopt;
  const std::uint64_t number = stuck ? mix64(is_.serial) : draw(kWrong);
  const auto element = victim(work, how, number);
  if (!element) return std::nullopt;
  const std::uint64_t right = work.expected(how.pattern, *element);
  const std::uint64_t got = right ^ 1ULL << mix64(number) % width_of(work);
  return Damage{*element, right, got, stuck ? iterations : 1};
}

}  // namespace rackproof
