// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "core/oracle.h"
#include "core/units.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kWatchedPerRegion = 24;

// First, last and some in between; the same for regions of one size, so that copies meet them.
std::set<std::uint64_t> watched_words(std::uint64_t words) {
  std::set<std::uint64_t> all{0, words - 1};
  for (std::uint64_t i = 0; i < kWatchedPerRegion; ++i) all.insert(mix64(words + i) % words);
  return all;
}

std::uint64_t count_of_stripe(std::uint64_t words, std::uint64_t phase, bool others) {
  const std::uint64_t own = words > phase ? (words - phase - 1) / kStripe + 1 : 0;
  return others ? words - own : own;
}

std::uint64_t word_of_stripe(std::uint64_t n, std::uint64_t phase, bool others) {
  if (!others) return phase + n * kStripe;
  const std::uint64_t place = n % (kStripe - 1);
  return n / (kStripe - 1) * kStripe + (place < phase ? place : place + 1);
}

}  // namespace

std::uint64_t Selection::count(std::uint64_t words) const {
  if (stripe >= 0) return count_of_stripe(words, static_cast<std::uint64_t>(stripe), others);
  if (address_bit < 0) return words;
  const std::uint64_t block = 1ULL << address_bit, rest = words % (2 * block);
  const std::uint64_t tail = half == 0 ? std::min(rest, block) : rest - std::min(rest, block);
  return words / (2 * block) * block + tail;
}

std::uint64_t Selection::word(std::uint64_t n) const {
  if (stripe >= 0) return word_of_stripe(n, static_cast<std::uint64_t>(stripe), others);
  if (address_bit < 0) return n;
  const std::uint64_t low = (1ULL << address_bit) - 1;
  return (n & ~low) << 1 | static_cast<std::uint64_t>(half) << address_bit | (n & low);
}

class SyntheticMemory::Block : public RegionMemory {
 public:
  Block(std::shared_ptr<SyntheticMemory> owner, std::uint64_t base, std::uint64_t bytes)
      : owner_(std::move(owner)), base_(base), bytes_(bytes) {}
  ~Block() override { owner_->release(*this); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  [[nodiscard]] SyntheticMemory* owner() const { return owner_.get(); }
  [[nodiscard]] std::uint64_t base() const { return base_; }
  [[nodiscard]] std::uint64_t words() const { return bytes_ / 8; }
  [[nodiscard]] std::uint64_t cell_of(std::uint64_t index) const {
    return (base_ / 8 + index) % owner_->true_words_;
  }

 private:
  std::shared_ptr<SyntheticMemory> owner_;
  std::uint64_t base_, bytes_;
};

SyntheticMemory::SyntheticMemory(std::uint64_t true_bytes, std::uint64_t claimed_bytes,
                                 std::optional<SyntheticHome> home)
    : true_words_(true_bytes / 8), claimed_bytes_(claimed_bytes), home_(home) {}

std::uint64_t SyntheticMemory::find_room(std::uint64_t size_bytes) const {
  std::uint64_t base = 0;
  for (const auto& [first, bytes] : blocks_) {
    if (first - base >= size_bytes) return base;
    base = first + bytes;
  }
  return base;
}

Region SyntheticMemory::allocate(std::uint64_t size_bytes) {
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max() - 63;
  const std::uint64_t size = (std::clamp<std::uint64_t>(size_bytes, 1, most) + 63) / 64 * 64;
  const std::lock_guard lock(mutex_);
  const std::uint64_t base = find_room(size);
  if (size > claimed_bytes_ || base > claimed_bytes_ - size) {
    throw DeviceError(fmt::format("allocate {}: out of memory, {} of {} in use",
                                  format(static_cast<double>(size), Unit::byte),
                                  format(static_cast<double>(used_bytes_), Unit::byte),
                                  format(static_cast<double>(claimed_bytes_), Unit::byte)));
  }
  auto block = std::make_shared<Block>(shared_from_this(), base, size);
  blocks_[base] = size;
  used_bytes_ += size;
  watch(*block, true);
  return {std::move(block), size};
}

void SyntheticMemory::release(const Block& block) {
  const std::lock_guard lock(mutex_);
  watch(block, false);
  blocks_.erase(block.base());
  used_bytes_ -= block.words() * 8;
}

void SyntheticMemory::watch(const Block& block, bool on) {
  for (const std::uint64_t index : watched_words(block.words())) {
    const std::uint64_t physical = block.cell_of(index);
    Cell& cell = cells_[physical];
    if (on && cell.users++ == 0) cell.value = mix64(physical ^ kDigestSalt);  // whatever was there
    if (!on && --cell.users == 0) cells_.erase(physical);
  }
}

SyntheticMemory* SyntheticMemory::of(const Region& region) {
  const auto* block = dynamic_cast<const Block*>(region.memory.get());
  return block == nullptr ? nullptr : block->owner();
}

bool SyntheticMemory::owns(const Region& region) const { return of(region) == this; }

void SyntheticMemory::visit(const Region& region, const Selection& selection, const Visit& act) {
  const auto& block = static_cast<const Block&>(*region.memory);
  const std::uint64_t words = region.words(), origin = block.cell_of(0);
  const std::lock_guard lock(mutex_);
  for (auto& [physical, cell] : cells_) {
    const std::uint64_t first = (physical + true_words_ - origin) % true_words_;
    for (std::uint64_t index = first; index < words; index += true_words_) {
      if (selection.holds(index)) act(index, cell.value);
    }
  }
}

std::optional<std::uint64_t> SyntheticMemory::load(const Region& region, std::uint64_t index) {
  const std::lock_guard lock(mutex_);
  const auto cell = cells_.find(static_cast<const Block&>(*region.memory).cell_of(index));
  return cell == cells_.end() ? std::nullopt : std::optional(cell->second.value);
}

}  // namespace rackproof
