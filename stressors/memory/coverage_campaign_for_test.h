// SPDX-License-Identifier: Apache-2.0
// For tests: which faults the memory stressors and the classic tests find, by running them on
// memories that have one fault each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/context.h"
#include "stressors/memory/cell_device_for_test.h"
#include "stressors/memory/march_engine.h"

namespace rackproof {

/// The classic tests, for contrast: 5 and 10 operations a word.
/// Source: van de Goor, "Testing Semiconductor Memories", 1991.
namespace march_steps {
inline constexpr std::array kMatsRise{kR0, kW1}, kMatsFall{kR1, kW0};
}  // namespace march_steps
inline constexpr std::array<MarchElement, 3> kMatsPlus{{{false, march_steps::kClear},
                                                        {false, march_steps::kMatsRise},
                                                        {true, march_steps::kMatsFall}}};
inline constexpr std::array<MarchElement, 6> kMarchCMinus{{{false, march_steps::kClear},
                                                           {false, march_steps::kMatsRise},
                                                           {false, march_steps::kMatsFall},
                                                           {true, march_steps::kMatsRise},
                                                           {true, march_steps::kMatsFall},
                                                           {false, march_steps::kVerify}}};

/// A test of a memory: a stressor, and the March's order that it follows, if it follows one.
struct MemoryTest {
  std::string name;
  StressorInfo stressor;
  MarchOrder (*order)(std::uint64_t words) = nullptr;
};
/// A registered stressor. Throws std::invalid_argument when there is none of that name.
[[nodiscard]] MemoryTest registered(const std::string& stressor,
                                    MarchOrder (*order)(std::uint64_t words) = nullptr);

/// A test that goes through all words in that order, once a pass.
template <MarchOrder (*order)(std::uint64_t)>
MemoryTest march_in(const std::string& name) {
  const auto run = [](Context& ctx) {
    const Region region = tested_region(ctx);
    MarchEngine engine(ctx, region, order(region.words()));
    while (ctx.running()) {
      if (engine.pass()) ctx.pass_completed(static_cast<double>(region.size_bytes));
    }
  };
  return {name,
          {.name = "test.march",
           .subsystem = Subsystem::memory,
           .metrics = {kSweepBandwidth, kWrongWords},
           .params = {kTestedShare},
           .run = run,
           .by_passes = true},
          order};
}

/// Runs one pass of the test on the device, whose sweeps and findings can then be asked.
void run_pass(const MemoryTest& test, Device& device, std::uint64_t seed = 1);
/// For each fault, whether one pass of the test finds it.
[[nodiscard]] std::vector<char> found_by(const MemoryTest& test, CellOrder order, CellShape shape,
                                         const std::vector<CellFault>& faults,
                                         std::uint64_t seed = 1);

/// All faults of the class: each cell, each ordered pair of cells, each value.
[[nodiscard]] std::vector<CellFault> every_fault(CellDefect defect, CellShape shape);
/// The same with that many pairs of cells drawn by the seed, half of them within one word.
[[nodiscard]] std::vector<CellFault> some_faults(CellDefect defect, CellShape shape,
                                                 std::uint64_t pairs, std::uint64_t seed);
/// A memory without a fault for each word.
[[nodiscard]] std::vector<CellFault> good_memories(CellShape shape);

}  // namespace rackproof
