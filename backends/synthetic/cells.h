// SPDX-License-Identifier: Apache-2.0
// Reading and writing the watched words of a region.
#pragma once

#include <vector>

#include "backends/synthetic/memory.h"
#include "backends/synthetic/work.h"

namespace rackproof {

/// The watched words among `selection` that are not as `right`(index) says.
template <class Right>
std::vector<Damage> read_cells(SyntheticMemory& memory, const Region& region,
                               const Selection& selection, const Right& right) {
  std::vector<Damage> wrong;
  memory.visit(region, selection, [&](std::uint64_t index, std::uint64_t& stored) {
    if (stored != right(index)) wrong.push_back({index, right(index), stored});
  });
  return wrong;
}

/// Every watched word among `selection` becomes `value`(index).
template <class Value>
void write_cells(SyntheticMemory& memory, const Region& region, const Selection& selection,
                 const Value& value) {
  memory.visit(region, selection,
               [&](std::uint64_t index, std::uint64_t& stored) { stored = value(index); });
}

/// Flips one bit of one watched word among `selection`, if there are any.
void upset_cell(SyntheticMemory& memory, const Region& region, const Selection& selection,
                std::uint64_t draw);

}  // namespace rackproof
