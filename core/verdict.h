// SPDX-License-Identifier: Apache-2.0
// The six verdicts, the order in which they dominate, and their exit codes.
#pragma once

#include <span>
#include <string_view>

#include "core/error.h"

namespace rackproof {

/// The enumerators' values are the exit codes.
enum class Verdict {
  pass = 0,        ///< everything required was measured, and holds, with the drill passed
  fail = 1,        ///< a limit broken, a miscompare, a fatal event or wrong inventory
  marginal = 2,    ///< no fail, but a value lies within its uncertainty of a limit
  incomplete = 3,  ///< something required was not measured or not covered
  invalid = 4,     ///< the environment spoiled the measurement
  error = 5,       ///< rackproof or a driver failed; says nothing about the hardware
};

inline constexpr int kExitUsage = 64;  ///< bad usage or unreadable input: nothing was run

/// The one that dominates, in the order fail, error, invalid, incomplete, marginal, pass.
[[nodiscard]] Verdict worst(Verdict a, Verdict b);

/// The worst of the parts; of no parts at all: incomplete, never pass.
[[nodiscard]] Verdict worst(std::span<const Verdict> parts);

[[nodiscard]] constexpr int exit_code(Verdict verdict) { return static_cast<int>(verdict); }

/// "PASS", "FAIL", "MARGINAL", "INCOMPLETE", "INVALID", "ERROR".
[[nodiscard]] std::string_view name(Verdict verdict);
[[nodiscard]] Expected<Verdict> verdict_from_name(std::string_view name);

}  // namespace rackproof
