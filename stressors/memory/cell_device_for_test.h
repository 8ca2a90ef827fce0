// SPDX-License-Identifier: Apache-2.0
// For tests: a device whose memory is many small memories at once, each with a fault of its own.
// Stressors run on it as on any device: every sweep goes through all of the memories, and each
// remembers whether one of its words was ever read wrong.
#pragma once

#include <cstdint>
#include <vector>

#include "core/device.h"
#include "stressors/memory/cell_fault_for_test.h"
#include "stressors/memory/march_order.h"

namespace rackproof {

/// In which order the accesses of the sweeps happen.
enum class CellOrder {
  word_by_word,    ///< the textbook's: all operations of a March's element on one word, then on the
                   ///< next, up or down as the element says
  sweep_by_sweep,  ///< each operation on all words, from the lowest address up, then the next: what
                   ///< one thread does, since every operation is a sweep of its own
  any_order,       ///< the same with the words of each sweep in a random order, anew for each sweep
                   ///< and memory: all that thousands of threads promise
};
[[nodiscard]] std::string_view name(CellOrder order);  ///< "word by word", ...

/// One sweep as it came from the stressor.
struct SweepSeen {
  MarchOp op;
  int address_bit = -1, half = 0;
};

class CellDevice : public Device {
 public:
  /// One memory for each fault. `fused`: the order whose elements word_by_word joins; nothing is
  /// joined without one, and sweeps that do not follow it throw std::logic_error.
  CellDevice(CellShape shape, const std::vector<CellFault>& faults, CellOrder order,
             std::uint64_t seed = 1, const MarchOrder& fused = {});

  const DeviceInfo& info() const override { return info_; }
  Region allocate(std::uint64_t size_bytes, Place) override { return {nullptr, size_bytes}; }
  Preparation prepare(const Workload& workload) override;

  /// For each memory, whether a word of it was read wrong.
  [[nodiscard]] const std::vector<char>& found() const { return found_; }
  [[nodiscard]] const std::vector<SweepSeen>& sweeps() const { return sweeps_; }
  [[nodiscard]] std::uint64_t prepared() const { return prepared_; }
  [[nodiscard]] std::uint64_t words_read() const { return words_read_; }
  [[nodiscard]] std::uint64_t words_written() const { return words_written_; }

 private:
  class Ready;
  // One operation on some of the words, with what each should hold.
  struct Pass {
    bool write = false;
    std::vector<char> touched;
    std::vector<std::uint64_t> words;
  };
  // An element's sweeps, until all of them are here.
  struct Joined {
    std::vector<MarchStep> steps;
    bool down = false;
  };

  [[nodiscard]] Pass pass_of(const Workload& workload, const RunFor& how) const;
  std::uint64_t take(const Workload& workload, const RunFor& how);
  [[nodiscard]] bool element_complete(const Workload& workload);
  std::uint64_t execute(bool down);
  [[nodiscard]] bool aggressor_first(const CellMemory& memory, std::size_t index, bool down) const;
  [[nodiscard]] bool reads_wrong(CellMemory& memory, std::uint32_t word) const;

  DeviceInfo info_;
  CellShape shape_;
  CellOrder order_;
  std::uint64_t seed_, executed_ = 0, prepared_ = 0, words_read_ = 0, words_written_ = 0;
  std::vector<Joined> elements_;  // empty: each sweep is carried out at once
  std::size_t element_ = 0;
  std::vector<Pass> waiting_;
  std::vector<CellMemory> memories_;
  std::vector<char> found_;
  std::vector<SweepSeen> sweeps_;
};

}  // namespace rackproof
