// SPDX-License-Identifier: Apache-2.0
// In which order a March goes through a memory, as data: which element on which half of the words
// with which background. The stressor, its tests and the coverage table share it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/workload.h"

namespace rackproof {

/// One operation of an element: the word is the background, or its complement.
struct MarchStep {
  MarchOp::Kind kind = MarchOp::Kind::read;
  bool inverted = false;
};
inline constexpr MarchStep kR0{MarchOp::Kind::read, false}, kR1{MarchOp::Kind::read, true},
    kW0{MarchOp::Kind::write, false}, kW1{MarchOp::Kind::write, true};
[[nodiscard]] MarchOp operation(MarchStep step, std::uint64_t background);

/// Operations that follow each other on every word, from the lowest address up or from the highest
/// down.
struct MarchElement {
  bool down = false;
  std::span<const MarchStep> steps;
};

namespace march_steps {
inline constexpr std::array kClear{kW0}, kVerify{kR0};
inline constexpr std::array kRise{kR0, kR0, kW0, kR0, kW1}, kFall{kR1, kR1, kW1, kR1, kW0};
}  // namespace march_steps

/// March SS, 22 operations a word. Source: Hamdioui, van de Goor & Rodgers, MTDT 2002.
inline constexpr std::array<MarchElement, 6> kMarchSs{{{false, march_steps::kClear},
                                                       {false, march_steps::kRise},
                                                       {false, march_steps::kFall},
                                                       {true, march_steps::kRise},
                                                       {true, march_steps::kFall},
                                                       {false, march_steps::kVerify}}};

/// log2(word bits) + 1 backgrounds tell any two bits of a word apart.
inline constexpr std::array<std::uint64_t, 7> kBackgrounds{0,
                                                           0x5555555555555555,
                                                           0x3333333333333333,
                                                           0x0f0f0f0f0f0f0f0f,
                                                           0x00ff00ff00ff00ff,
                                                           0x0000ffff0000ffff,
                                                           0x00000000ffffffff};

/// One element on every word, or on those whose address has this bit equal to `half`.
struct MarchVisit {
  MarchElement element;
  std::uint64_t background = 0;
  int address_bit = -1;  ///< -1: every word
  int half = 0;
};
using MarchOrder = std::vector<MarchVisit>;

/// The whole March for each address bit of a memory of so many words, half by half, with background
/// 0. Any two addresses differ in some bit, so that each pair of words is ordered both ways however
/// a sweep's own accesses are ordered.
[[nodiscard]] MarchOrder phased(std::span<const MarchElement> march, std::uint64_t words);
/// The whole March on every word, once for each background.
[[nodiscard]] MarchOrder unphased(std::span<const MarchElement> march,
                                  std::span<const std::uint64_t> backgrounds);
/// What memory.march does: March SS phased, then unphased with all backgrounds.
[[nodiscard]] MarchOrder march_order(std::uint64_t words);

/// Sweeps in an order, by the count of operations on a visit's words.
[[nodiscard]] std::uint64_t sweeps(const MarchOrder& order);

}  // namespace rackproof
