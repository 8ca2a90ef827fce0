// SPDX-License-Identifier: Apache-2.0
// What each kind of workload is on a synthetic device: what it costs, what its elements should be,
// and what the stored memory makes of it. Nothing here knows about time or about quirks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/synthetic/memory.h"
#include "core/device.h"

namespace rackproof {

/// What one iteration moves and computes, and how long it takes at full speed.
struct Effort {
  double bytes = 0, flops = 0, seconds = 0;
};

/// One element that does not come out as it should.
struct Damage {
  std::uint64_t element = 0, expected = 0, got = 0;
  std::uint64_t times = 1;  ///< in so many iterations of the burst
};

/// How fast a device does what, in base units per second.
struct Speeds {
  double bandwidth = 0, host_link = 0, gemm = 0, peer_link = 0;
};

/// A number drawn for one deliberate upset of stored memory; none: nothing is upset.
using Upset = std::optional<std::uint64_t>;

/// How long the first byte takes from one device to another.
inline constexpr double kPeerLatency_s = 5e-6;
/// And between it and the host.
inline constexpr double kHostLatency_s = 2e-6;

class Work {
 public:
  virtual ~Work() = default;
  [[nodiscard]] virtual std::string_view kind() const = 0;  ///< "gemm", "fill", ...
  [[nodiscard]] virtual Effort effort(const RunFor& how) const = 0;
  /// How many elements a burst checks; 0: it checks nothing.
  [[nodiscard]] virtual std::uint64_t elements(const RunFor& how) const = 0;
  /// The n-th of them, as Miscompare::element names it.
  [[nodiscard]] virtual std::uint64_t element(const RunFor&, std::uint64_t n) const { return n; }
  /// The right bits of an element, zero-extended.
  [[nodiscard]] virtual std::uint64_t expected(std::uint64_t pattern,
                                               std::uint64_t element) const = 0;
  /// What counts as its NaN, and the mask of its bits.
  [[nodiscard]] virtual std::uint64_t nan_bits() const { return ~0ULL; }
  [[nodiscard]] virtual std::uint64_t all_bits() const { return ~0ULL; }
  /// The digest after one element changed.
  [[nodiscard]] virtual std::uint64_t changed(std::uint64_t digest, std::uint64_t pattern,
                                              const Damage& damage) const;
  /// The digest after all of these did.
  [[nodiscard]] virtual std::uint64_t changed_by(std::uint64_t digest, std::uint64_t pattern,
                                                 const std::vector<Damage>& damages) const {
    for (const Damage& damage : damages) digest = changed(digest, pattern, damage);
    return digest;
  }
  /// True when all elements should hold the same word, so that exchanging two is no fault.
  [[nodiscard]] virtual bool alike() const { return false; }
  /// Where its quirks strike, and faults where nothing else is said.
  [[nodiscard]] virtual std::optional<FaultSite> site() const { return std::nullopt; }
  /// How many elements a fault at this place can strike; 0: it cannot be struck there.
  [[nodiscard]] virtual std::uint64_t elements_at(FaultSite place, const RunFor& how) const {
    return site() == place ? elements(how) : 0;
  }
  /// The n-th of them.
  [[nodiscard]] virtual std::uint64_t element_at(FaultSite, const RunFor& how,
                                                 std::uint64_t n) const {
    return element(how, n);
  }
  /// What else comes out wrong when these elements, struck by a fault, are.
  [[nodiscard]] virtual std::vector<Damage> spread(const RunFor&, const std::vector<Damage>&,
                                                   std::uint64_t /*iterations*/) const {
    return {};
  }
  /// True when data of this device of the node arrives in it.
  [[nodiscard]] virtual bool comes_from(std::uint32_t /*device*/) const { return false; }
  /// True when data goes to or from the host's other NUMA nodes.
  [[nodiscard]] virtual bool crosses_host() const { return false; }
  /// True when the elements are computed by the cores, not only moved.
  [[nodiscard]] virtual bool computes() const { return false; }
  /// Writes and reads the watched cells as one iteration would; what was read wrong.
  [[nodiscard]] virtual std::vector<Damage> touch(const RunFor&, const Upset&) { return {}; }
};

[[nodiscard]] std::unique_ptr<Work> make_gemm(const Gemm& gemm, const Speeds& speeds);
[[nodiscard]] std::unique_ptr<Work> make_mix(const Mix& mix, std::uint32_t cores,
                                             const Speeds& speeds);
[[nodiscard]] std::unique_ptr<Work> make_fill(const Fill& fill, SyntheticMemory& memory,
                                              const Speeds& speeds);
[[nodiscard]] std::unique_ptr<Work> make_check(const Check& check, SyntheticMemory& memory,
                                               const Speeds& speeds);
[[nodiscard]] std::unique_ptr<Work> make_stripe(const Stripe& stripe, SyntheticMemory& memory,
                                                const Speeds& speeds);
[[nodiscard]] std::unique_ptr<Work> make_sweep(const Sweep& sweep, SyntheticMemory& memory,
                                               const Speeds& speeds);
/// `from` and `to` live in these memories; a link's speed holds when they differ. `far`: one of
/// them is the host's on another node.
[[nodiscard]] std::unique_ptr<Work> make_copy(const Copy& copy, SyntheticMemory& from,
                                              SyntheticMemory& to, const Speeds& speeds, bool far);
[[nodiscard]] std::unique_ptr<Work> make_reduce(const Reduce& reduce, const Speeds& speeds);
[[nodiscard]] std::unique_ptr<Work> make_triad(const Triad& triad, SyntheticMemory& memory,
                                               const Speeds& speeds);

}  // namespace rackproof
