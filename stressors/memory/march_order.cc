// SPDX-License-Identifier: Apache-2.0
#include "stressors/memory/march_order.h"

#include <bit>

namespace rackproof {

MarchOp operation(MarchStep step, std::uint64_t background) {
  return {step.kind, step.inverted ? ~background : background};
}

MarchOrder phased(std::span<const MarchElement> march, std::uint64_t words) {
  MarchOrder order;
  const int address_bits = static_cast<int>(std::bit_width(words - 1));
  for (int bit = 0; bit < address_bits; ++bit) {
    for (const MarchElement& element : march) {
      const int first = element.down ? 1 : 0;
      order.push_back({element, 0, bit, first});
      order.push_back({element, 0, bit, 1 - first});
    }
  }
  return order;
}

MarchOrder unphased(std::span<const MarchElement> march,
                    std::span<const std::uint64_t> backgrounds) {
  MarchOrder order;
  for (const std::uint64_t background : backgrounds) {
    for (const MarchElement& element : march) order.push_back({element, background, -1, 0});
  }
  return order;
}

MarchOrder march_order(std::uint64_t words) {
  MarchOrder order = phased(kMarchSs, words);
  const MarchOrder rest = unphased(kMarchSs, kBackgrounds);
  order.insert(order.end(), rest.begin(), rest.end());
  return order;
}

std::uint64_t sweeps(const MarchOrder& order) {
  std::uint64_t sum = 0;
  for (const MarchVisit& visit : order) sum += visit.element.steps.size();
  return sum;
}

}  // namespace rackproof
