// SPDX-License-Identifier: Apache-2.0
#include "runner/claimed_work.h"

#include <fmt/format.h>

#include <optional>
#include <sstream>

namespace rackproof {
namespace {

constexpr double kSlack = 2;
constexpr double kAtOnce = 1e5;  // bytes or operations: no device does so many within a nanosecond

// Of one iteration; none: not known here.
struct Effort {
  std::optional<double> bytes, flops;
  bool in_parts = false;  // an iteration may go through a part of the region only
};

Effort effort_of(const std::string& work) {
  std::istringstream in(work);
  std::string kind, first, second;
  double m = 0, n = 0, k = 0, bytes = 0;
  in >> kind;
  if (kind == "gemm" && in >> first >> second >> m >> n >> k) return {{}, 2 * m * n * k};
  if (kind == "triad" && in >> first >> bytes) return {3 * bytes, {}};
  if ((kind == "copy" || kind == "fill" || kind == "check") && in >> bytes) return {bytes, 0};
  if (kind == "reduce" && in >> first >> second >> bytes) return {bytes, {}};
  if (kind == "sweep" && in >> bytes) return {bytes, 0, true};
  return {};
}

Expected<void> check_amount(const WorkTally& tally, double claimed,
                            const std::optional<double>& each, bool in_parts, const char* unit) {
  if (!each) return {};
  const double right = *each * static_cast<double>(tally.iterations);
  const bool too_much = claimed > kSlack * right;
  const bool too_little = !in_parts && claimed < right / kSlack;
  if (!too_much && !too_little) return {};
  return fail(
      fmt::format("{:.6g} {} in {} iterations of {}", claimed, unit, tally.iterations, tally.work));
}

}  // namespace

Expected<void> check_claimed_work(const WorkTally& tally) {
  const Effort each = effort_of(tally.work);
  auto checked = check_amount(tally, tally.bytes, each.bytes, each.in_parts, "bytes");
  if (checked) checked = check_amount(tally, tally.flops, each.flops, each.in_parts, "operations");
  if (!checked) return checked;
  const bool much = tally.bytes >= kAtOnce || tally.flops >= kAtOnce;
  if (much && tally.busy_s == 0) return fail("work that took no time: " + tally.work);
  return {};
}

}  // namespace rackproof
