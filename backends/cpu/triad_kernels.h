// SPDX-License-Identifier: Apache-2.0
// Vector loops of the triad: each pass checks what it reads against the pattern before it uses it.
#pragma once

#include <cstdint>

#include "backends/cpu/findings.h"

namespace rackproof::cpu {

/// The three arrays; aligned to 64 bytes, lengths multiples of 8.
struct TriadArrays {
  double *a = nullptr, *b = nullptr, *c = nullptr;
};

/// Where a pass writes what it finds in the array that the pass before wrote, and in the others.
struct TriadFindings {
  Findings &written, &kept;
};

/// Ranges [first, last) start and end at multiples of 8. Passes write past the caches, so that a
/// line that is only written is not read first. A wrong element is recorded, and put right
/// on the way, so that one upset is found once and does not spread into the next array.
struct TriadKernels {
  void (*init)(const TriadArrays& x, std::uint64_t first, std::uint64_t last,
               std::uint64_t pattern);
  /// a = b + 3 c, checking b and c.
  void (*forward)(const TriadArrays& x, std::uint64_t first, std::uint64_t last,
                  std::uint64_t pattern, const TriadFindings& findings);
  /// b = a - 3 c, checking a and c.
  void (*backward)(const TriadArrays& x, std::uint64_t first, std::uint64_t last,
                   std::uint64_t pattern, const TriadFindings& findings);
  /// Checks a; returns the sum of its digest terms.
  std::uint64_t (*check_a)(const TriadArrays& x, std::uint64_t first, std::uint64_t last,
                           std::uint64_t pattern, Findings& findings);
  void (*check_b)(const TriadArrays& x, std::uint64_t first, std::uint64_t last,
                  std::uint64_t pattern, Findings& findings);
};
[[nodiscard]] const TriadKernels& triad_kernels();

}  // namespace rackproof::cpu
