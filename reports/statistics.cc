// SPDX-License-Identifier: Apache-2.0
#include "reports/statistics.h"

#include <algorithm>
#include <cmath>

namespace rackproof {
namespace {

bool usable(double value, double limit, double u) {
  return std::isfinite(value) && std::isfinite(limit) && std::isfinite(u) && u >= 0;
}

}  // namespace

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  if (values.size() % 2 == 1) return values[half];
  return values[half - 1] + (values[half] - values[half - 1]) / 2;
}

Verdict decide_floor(double value, double limit, double u) {
  if (!usable(value, limit, u)) return Verdict::incomplete;
  if (value - u >= limit) return Verdict::pass;
  return value + u < limit ? Verdict::fail : Verdict::marginal;
}

Verdict decide_ceiling(double value, double limit, double u) {
  if (!usable(value, limit, u)) return Verdict::incomplete;
  if (value + u <= limit) return Verdict::pass;
  return value - u > limit ? Verdict::fail : Verdict::marginal;
}

std::optional<PeerComparison> compare_with_peers(double value, const std::vector<double>& values) {
  if (values.size() < kFewestPeers) return std::nullopt;
  PeerComparison peers;
  peers.n = values.size();
  peers.median = *median(values);
  if (!(peers.median > 0)) return std::nullopt;
  std::vector<double> distances;
  for (const double v : values) distances.push_back(std::fabs(v - peers.median));
  peers.mad = *median(std::move(distances));
  peers.shortfall = (peers.median - value) / peers.median;
  if (peers.mad > 0) peers.z = kNormalQuartile * (value - peers.median) / peers.mad;
  return peers;
}

Verdict decide_peers(const PeerComparison& peers, double min_effect) {
  const bool short_enough = peers.shortfall > 0 && peers.shortfall >= min_effect;
  const bool outlier = peers.mad > 0 ? peers.z < kPeerZ : true;
  return short_enough && outlier ? Verdict::fail : Verdict::pass;
}

}  // namespace rackproof
