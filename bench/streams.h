// SPDX-License-Identifier: Apache-2.0
// The simplest loops that move memory: what the checked workloads are compared with.
#pragma once

#include <cstdint>

namespace rackproof::bench {

/// Over words [first, last), both multiples of 64, of memory aligned to 64 bytes; for the best
/// instruction set of this CPU. Nothing is checked.
struct Streams {
  /// Returns the sum of the words, so that the reading cannot be left out.
  std::uint64_t (*read)(const std::uint64_t* words, std::uint64_t first, std::uint64_t last);
  void (*write)(std::uint64_t* words, std::uint64_t first,
                std::uint64_t last);  ///< past the caches
  void (*write_cached)(std::uint64_t* words, std::uint64_t first, std::uint64_t last);
  void (*change)(std::uint64_t* words, std::uint64_t first, std::uint64_t last);  ///< in place
  void (*copy)(const std::uint64_t* from, std::uint64_t* to, std::uint64_t first,
               std::uint64_t last);  ///< past the caches
  /// a = b + 3 c over doubles, a past the caches.
  void (*triad)(double* a, const double* b, const double* c, std::uint64_t first,
                std::uint64_t last);
};
[[nodiscard]] const Streams& streams();

}  // namespace rackproof::bench
