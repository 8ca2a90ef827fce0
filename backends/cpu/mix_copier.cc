// SPDX-License-Identifier: Apache-2.0
// Mix's copies: the same words go through the C library's memcpy in pieces of many lengths, through
// the string instruction (x86) or a loop of bytes, and through wide loads with stores past the
// caches, at changing alignments.
#include <cstring>

#include "backends/cpu/mix_kernels.h"
#include "backends/cpu/mix_scratch.h"
#include "backends/cpu/word_kernels.h"
#include "core/mix_chains.h"

namespace rackproof::cpu {
namespace {

constexpr int kRounds = 4;
constexpr std::size_t kSlack = 512;  // bytes beside the words: copies land elsewhere in each round
constexpr std::size_t kLongest = 2048;

// The compiler must neither drop a copy nor merge it with the next.
void keep(const void* memory) { asm volatile("" : : "r"(memory) : "memory"); }

void by_library(std::byte* to, const std::byte* from, std::size_t bytes, std::uint64_t seed) {
  std::size_t done = 0;
  for (std::uint64_t piece = 0; done < bytes; ++piece) {
    const std::size_t length =
        std::min<std::size_t>(bytes - done, 1 + pattern_word(seed, piece) % kLongest);
    std::memcpy(to + done, from + done, length);
    keep(to);
    done += length;
  }
}

void by_bytes(std::byte* to, const std::byte* from, std::size_t bytes) {
#if defined(__x86_64__)
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
#else
  for (std::size_t i = 0; i < bytes; ++i) {
    to[i] = from[i];
    keep(to);
  }
#endif
}

void past_caches(std::byte* to, const std::byte* from, std::size_t bytes) {
  word_kernels().copy(reinterpret_cast<const std::uint64_t*>(from),
                      reinterpret_cast<std::uint64_t*>(to), 0, bytes / 8);
}

class Copier : public MixWorker {
 public:
  explicit Copier(std::uint64_t words)
      : bytes_(8 * words),
        first_(scratch<std::byte>(bytes_ + kSlack)),
        second_(scratch<std::byte>(bytes_ + kSlack)),
        third_(scratch<std::byte>(bytes_ + kSlack)) {}

  // What lies in the buffers from the round before lies elsewhere, so that a store that is lost
  // leaves wrong bytes behind.
  void make(const MixJob& job) override {
    const auto* from = reinterpret_cast<const std::byte*>(job.right.data());
    for (std::size_t round = turn_; round < turn_ + kRounds; ++round) {
      std::byte* const odd = first_.get() + 1 + 2 * (37 * round % 100);
      std::byte* const lined = second_.get() + 64 * (round % 8);
      std::byte* const back = third_.get() + 64 * (3 * round % 8);
      by_library(odd, from, bytes_, round);
      by_bytes(lined, odd, bytes_);
      past_caches(back, lined, bytes_);
      from = back;
    }
    by_library(reinterpret_cast<std::byte*>(job.out), from, bytes_, turn_);
    turn_ += kRounds;
  }

 private:
  std::size_t bytes_;
  Scratch<std::byte> first_, second_, third_;
  std::size_t turn_ = 0;
};

}  // namespace

std::unique_ptr<MixWorker> make_mix_copier(std::uint64_t words) {
  return std::make_unique<Copier>(words);
}

}  // namespace rackproof::cpu
