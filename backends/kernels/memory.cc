// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "core/units.h"

namespace rackproof::kernels {
namespace {

// What a chunk holds at most: a power of two, so that an address bit selects within a chunk as it
// does within the region, or selects whole chunks.
std::uint64_t chunk_bytes(const Card& card) {
  const std::uint64_t largest = std::max<std::uint64_t>(card.traits().largest_buffer_bytes, 64);
  return std::bit_floor(largest);
}

}  // namespace

Memory::Memory(std::shared_ptr<Card> card, std::uint64_t size_bytes, Place place, bool undivided)
    : card_(std::move(card)),
      size_bytes_(size_bytes),
      booked_bytes_(place == Place::device || card_->traits().cpu ? size_bytes : 0) {
  card_->reserve(booked_bytes_);
  try {
    if (place == Place::device) {
      divide(undivided);
    } else if (place == Place::host) {
      pin();
    } else {
      pageable_.resize(size_bytes_ / 8);
      host_ = pageable_.data();
    }
  } catch (const std::bad_alloc&) {
    card_->release(booked_bytes_);
    throw DeviceError(fmt::format("cannot allocate {} of host memory for {}",
                                  bytes_text(size_bytes_), card_->id()));
  } catch (...) {
    card_->release(booked_bytes_);
    throw;
  }
}

Memory::Memory(std::shared_ptr<Card> card, std::uint64_t size_bytes, Place place,
               const host::HostNode& node)
    : card_(std::move(card)),
      size_bytes_(size_bytes),
      booked_bytes_(card_->traits().cpu ? size_bytes : 0),
      placed_(std::make_unique<host::PlacedMemory>(card_->host(), node, size_bytes)),
      host_(reinterpret_cast<std::uint64_t*>(placed_->data())) {
  if (place == Place::host) {
    Driver& driver = card_->driver();
    driver.pin_there(host_, placed_->size_bytes());
    pinned_there_ = {host_, [&driver](std::uint64_t* memory) { driver.unpin_there(memory); }};
    placed_->require_in_place();  // drivers may move what they pin
  }
  card_->reserve(booked_bytes_);
}

Memory::~Memory() {
  card_->release(booked_bytes_);
  if (pinned_) card_->driver().unpin(host_);
}

void Memory::divide(bool undivided) {
  const std::uint64_t largest = card_->traits().largest_buffer_bytes;
  if (undivided && size_bytes_ > largest) {
    throw DeviceError(fmt::format("cannot allocate {} on {}: a buffer there has at most {}",
                                  bytes_text(size_bytes_), card_->id(), bytes_text(largest)));
  }
  const std::uint64_t each = undivided ? size_bytes_ : chunk_bytes(*card_);
  for (std::uint64_t first = 0; first < size_bytes_; first += each) {
    const std::uint64_t bytes = std::min(each, size_bytes_ - first);
    chunks_.push_back({card_->buffer(bytes), first / 8, bytes / 8});
    card_->driver().zero(card_->service(), chunks_.back().buffer.get(), bytes);
  }
  card_->driver().finish(card_->service());
}

// Drivers pin what they allocate for the host, and know it again when it is copied from.
void Memory::pin() {
  const std::uint64_t largest = card_->traits().largest_buffer_bytes;
  if (size_bytes_ > largest) {
    throw DeviceError(fmt::format(
        "cannot pin {} for {}: a buffer there has at most {}; pageable memory may be larger",
        bytes_text(size_bytes_), card_->id(), bytes_text(largest)));
  }
  host_ = card_->driver().pin(size_bytes_);
  pinned_ = true;
}

const Chunk& Memory::chunk_at(std::uint64_t offset) const {
  const std::uint64_t each = chunks_.front().words * 8;
  return chunks_[offset / each];
}

std::uint64_t Memory::peek(std::uint64_t offset, unsigned width) const {
  std::uint64_t bits = 0;  // the low bytes come first on every machine that this runs on
  if (on_host()) {
    asm volatile("" ::: "memory");
    std::memcpy(&bits, reinterpret_cast<const std::byte*>(host_) + offset, width);
  } else {
    const Chunk& chunk = chunk_at(offset);
    card_->read(chunk.buffer.get(), offset - chunk.first_word * 8, width, &bits);
  }
  return bits;
}

void Memory::poke(std::uint64_t offset, unsigned width, std::uint64_t bits) const {
  if (on_host()) {
    std::memcpy(reinterpret_cast<std::byte*>(host_) + offset, &bits, width);
    asm volatile("" ::: "memory");
  } else {
    const Chunk& chunk = chunk_at(offset);
    card_->write(chunk.buffer.get(), offset - chunk.first_word * 8, width, &bits);
  }
}

std::shared_ptr<Memory> memory_behind(const Region& region, const Card& asking) {
  auto memory = std::dynamic_pointer_cast<Memory>(region.memory);
  if (!memory) throw DeviceError(fmt::format("this region is not memory of {}", asking.id()));
  if (region.size_bytes > memory->size_bytes()) {
    throw DeviceError(fmt::format("a region of {} in memory of {}", bytes_text(region.size_bytes),
                                  bytes_text(memory->size_bytes())));
  }
  return memory;
}

std::shared_ptr<Memory> memory_of(const Region& region, const Card& card) {
  auto memory = memory_behind(region, card);
  if (memory->card().get() != &card)
    throw DeviceError(fmt::format("this region is not memory of {}", card.id()));
  return memory;
}

}  // namespace rackproof::kernels
