// SPDX-License-Identifier: Apache-2.0
// A device's memory without its bytes: room is kept book of, and of each region some words
// ("watched cells") are stored for real; all others are taken to behave. When more is claimed than
// there is, addresses wrap and the watched cells show it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "core/workload.h"

namespace rackproof {

/// The words of a region that a sweep or a stripe touches: all, those whose bit `address_bit`
/// equals `half`, every 20th from word `stripe` on, or all the others.
struct Selection {
  int address_bit = -1;  ///< -1: of any address
  int half = 0;
  int stripe = -1;  ///< -1: none; else address_bit is -1
  bool others = false;
  [[nodiscard]] bool holds(std::uint64_t word) const {
    if (stripe >= 0) return (word % kStripe == static_cast<std::uint64_t>(stripe)) != others;
    return address_bit < 0 || (word >> address_bit & 1) == static_cast<std::uint64_t>(half);
  }
  /// How many of the words below `words` it holds.
  [[nodiscard]] std::uint64_t count(std::uint64_t words) const;
  /// The n-th word that it holds, n from 0.
  [[nodiscard]] std::uint64_t word(std::uint64_t n) const;
};

/// Which device of a rack a memory belongs to.
struct SyntheticHome {
  std::uint32_t node = 0, device = 0;
};

/// One memory; safe from several threads. Regions keep it alive.
class SyntheticMemory : public std::enable_shared_from_this<SyntheticMemory> {
 public:
  SyntheticMemory(std::uint64_t true_bytes, std::uint64_t claimed_bytes,
                  std::optional<SyntheticHome> home = {});

  /// The memory of any synthetic device that the region lies in; null: of none.
  [[nodiscard]] static SyntheticMemory* of(const Region& region);
  /// None: a host's memory.
  [[nodiscard]] const std::optional<SyntheticHome>& home() const { return home_; }

  /// Rounded up to 64 bytes. Throws DeviceError when the claimed size does not suffice.
  [[nodiscard]] Region allocate(std::uint64_t size_bytes);
  [[nodiscard]] bool owns(const Region& region) const;

  /// Called with a word's index in the region and its stored value, which it may change; in rising
  /// order of physical address, and of index where several words share one cell.
  using Visit = std::function<void(std::uint64_t index, std::uint64_t& stored)>;
  void visit(const Region& region, const Selection& selection, const Visit& act);
  /// The stored value of a word, if it is watched.
  [[nodiscard]] std::optional<std::uint64_t> load(const Region& region, std::uint64_t index);

 private:
  class Block;
  struct Cell {
    std::uint64_t value = 0;
    std::uint32_t users = 0;  // regions that watch it
  };
  void release(const Block& block);
  void watch(const Block& block, bool on);
  [[nodiscard]] std::uint64_t find_room(std::uint64_t size_bytes) const;

  std::uint64_t true_words_, claimed_bytes_, used_bytes_ = 0;
  std::optional<SyntheticHome> home_;
  std::mutex mutex_;
  std::map<std::uint64_t, std::uint64_t> blocks_;  // first byte -> bytes
  std::map<std::uint64_t, Cell> cells_;            // physical word -> what it holds
};

}  // namespace rackproof
