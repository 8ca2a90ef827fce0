// SPDX-License-Identifier: Apache-2.0
// The two bounds that need quantiles; apart, because Boost.Math is slow to compile.
#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>

#include "reports/statistics.h"

namespace rackproof {

double success_lower_bound_95(std::uint64_t found, std::uint64_t tried) {
  if (tried == 0) return 0;
  return boost::math::binomial_distribution<>::find_lower_bound_on_p(
      static_cast<double>(tried), static_cast<double>(std::min(found, tried)), 0.05);
}

double mtbf_lower_bound_90(double hours, std::uint64_t failures) {
  if (!(hours > 0)) return 0;
  const boost::math::chi_squared_distribution<> spread(2 * static_cast<double>(failures) + 2);
  return 2 * hours / boost::math::quantile(spread, 0.90);
}

}  // namespace rackproof
