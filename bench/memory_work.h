// SPDX-License-Identifier: Apache-2.0
// Memory workloads as a stressor runs them, every word checked, and plain streams over the same
// bytes on the same cores.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "backends/cpu/cpu_device.h"
#include "bench/rounds.h"

namespace rackproof::bench {

/// The loops of bench/streams.h over all cores of a node.
class PlainMemory {
 public:
  PlainMemory(std::shared_ptr<cpu::Node> node, std::uint64_t size_bytes);
  // Bytes read plus bytes written a second, of one pass.
  [[nodiscard]] double read();
  [[nodiscard]] double write();
  [[nodiscard]] double change();
  /// The same of as many passes as fill `seconds`, every one a section of its own.
  [[nodiscard]] double copy(double seconds);   ///< the upper half from the lower
  [[nodiscard]] double triad(double seconds);  ///< thirds of the memory
  /// Reading and writing `size_bytes` a core again and again: what the caches give.
  [[nodiscard]] double read_cached(std::uint64_t size_bytes);
  [[nodiscard]] double write_cached(std::uint64_t size_bytes);

 private:
  template <class Work>
  double timed(double bytes, const Work& work, double seconds = 0);
  [[nodiscard]] cpu::Range words_of(unsigned core, std::uint64_t words) const;

  std::shared_ptr<cpu::Node> node_;
  std::shared_ptr<cpu::NodeMemory> memory_;
};

/// One sweep of a region, or of the half that an address bit chooses. Rates are of the chosen
/// words; those of bits below 3 of the lines touched, and read and written where it writes.
class SweepWork {
 public:
  SweepWork(const std::shared_ptr<cpu::Node>& node, std::uint64_t size_bytes);
  [[nodiscard]] double read(int address_bit);
  [[nodiscard]] double write(int address_bit);
  [[nodiscard]] double read_then_write();  ///< two sweeps
  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }

 private:
  double run(Prepared& sweep, int address_bit, double line_factor);
  cpu::CpuDevice device_;
  Region region_;
  std::unique_ptr<Prepared> read_, write_;
  std::uint64_t wrong_ = 0;
};

/// Fill and Check of a region, and stripes. Rates are of the lines touched, and read and written
/// where parts of lines are written.
class ContentWork {
 public:
  ContentWork(const std::shared_ptr<cpu::Node>& node, std::uint64_t size_bytes);
  [[nodiscard]] double fill(Content what);
  [[nodiscard]] double check(Content what);  ///< after fill() of the same
  [[nodiscard]] double write_stripe(bool others);
  [[nodiscard]] double read_stripe(bool others);  ///< after write_stripe() of the same
  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }

 private:
  double run(const Workload& work, double bytes);
  cpu::CpuDevice device_;
  Region region_;
  std::uint64_t wrong_ = 0;
};

/// memory.triad or interconnect.host_copy in bursts as a step has them.
class StressWork {
 public:
  enum class Kind { triad, copy };
  StressWork(const std::shared_ptr<cpu::Node>& node, Kind kind, std::uint64_t array_bytes);
  /// Bytes read plus bytes written a second, over `seconds`.
  [[nodiscard]] double rate(double seconds);
  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }

 private:
  cpu::CpuDevice device_;
  double moved_per_byte_;  // a copy counts a word once that it reads and writes
  std::unique_ptr<Prepared> prepared_;
  std::uint64_t wrong_ = 0;
};

}  // namespace rackproof::bench
