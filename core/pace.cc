// SPDX-License-Identifier: Apache-2.0
#include "core/pace.h"

#include <algorithm>
#include <thread>

#include "core/oracle.h"

namespace rackproof {

Pace::Pace(const RunFor& how) : how_(how) {
  std::this_thread::sleep_until(how.start);
  start_ = Clock::now();
}

bool Pace::more(std::uint64_t done) const {
  if (done == 0) return true;
  return how_.iterations > 0 ? done < how_.iterations : Clock::now() < how_.until;
}

std::uint64_t Pace::next(std::uint64_t done, Clock::duration each, Clock::duration most) const {
  if (!more(done)) return 0;
  if (each <= Clock::duration::zero()) return 1;
  const bool counted = how_.iterations > 0;
  if (!counted) most = std::min(most, how_.until - Clock::now());
  const auto fit = static_cast<std::uint64_t>(std::max<Clock::rep>(most / each, 1));
  return counted ? std::min(fit, how_.iterations - done) : fit;
}

void DigestFold::add(std::uint64_t digest) {
  if (!any_) first_ = value_ = digest;
  if (digest != first_) value_ = mix64(value_ ^ mix64(digest));
  any_ = true;
}

}  // namespace rackproof
