// SPDX-License-Identifier: Apache-2.0
// Memory behind a Region: buffers of the device, or the host's side of a copy.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "backends/host/placed_memory.h"
#include "backends/kernels/card.h"

namespace rackproof::kernels {

/// A piece of a region that lies in one buffer.
struct Chunk {
  Buffer buffer;
  std::uint64_t first_word = 0, words = 0;
};

/// A region may be larger than the largest buffer of its device: then it lies in several, each but
/// the last of the same power of two of words.
class Memory : public RegionMemory {
 public:
  /// `size_bytes` is a multiple of 64. Throws DeviceError when there is not enough, or `undivided`
  /// asks for more than one buffer can hold. Device memory is zeroed, so that it is really there.
  Memory(std::shared_ptr<Card> card, std::uint64_t size_bytes, Place place, bool undivided = false);
  /// The host's side on one node, pinned there unless `place` is pageable. Throws Refused,
  /// host::NotPlaced and DeviceError where it cannot be, or does not lie there when all is done.
  Memory(std::shared_ptr<Card> card, std::uint64_t size_bytes, Place place,
         const host::HostNode& node);
  ~Memory() override;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  [[nodiscard]] const std::shared_ptr<Card>& card() const { return card_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  [[nodiscard]] bool on_host() const { return host_ != nullptr; }
  /// The host's side; null on the device.
  [[nodiscard]] std::uint64_t* host() const { return host_; }
  /// The device's side; empty on the host.
  [[nodiscard]] const std::vector<Chunk>& chunks() const { return chunks_; }
  /// Of undivided memory.
  [[nodiscard]] Handle buffer() const { return chunks_.front().buffer.get(); }

  /// `width` (1, 2, 4 or 8) bytes at `offset`, a multiple of it, zero-extended; apart from every
  /// checker.
  [[nodiscard]] std::uint64_t peek(std::uint64_t offset, unsigned width) const;
  void poke(std::uint64_t offset, unsigned width, std::uint64_t bits) const;

  /// Changes whenever a workload starts to write here.
  [[nodiscard]] std::uint64_t generation() const { return generation_.load(); }
  std::uint64_t changed() { return generation_.fetch_add(1) + 1; }

 private:
  void divide(bool undivided);
  void pin();
  [[nodiscard]] const Chunk& chunk_at(std::uint64_t offset) const;

  std::shared_ptr<Card> card_;
  std::uint64_t size_bytes_, booked_bytes_;
  std::vector<Chunk> chunks_;
  std::vector<std::uint64_t> pageable_;
  std::unique_ptr<host::PlacedMemory> placed_;
  std::shared_ptr<void> pinned_there_;  // unpins it; goes before placed_
  bool pinned_ = false;
  std::uint64_t* host_ = nullptr;
  std::atomic<std::uint64_t> generation_{0};
};

/// The memory behind a region, whichever card's. Throws DeviceError when it is none of this folder.
[[nodiscard]] std::shared_ptr<Memory> memory_behind(const Region& region, const Card& asking);
/// This card's memory behind a region. Throws DeviceError when it is another's or none.
[[nodiscard]] std::shared_ptr<Memory> memory_of(const Region& region, const Card& card);

}  // namespace rackproof::kernels
