// SPDX-License-Identifier: Apache-2.0
#include "core/mix_sha256.h"

#include "core/mix_chains.h"

namespace rackproof::mix {
namespace {

using Schedule = std::array<std::uint32_t, 64>;

Schedule schedule(const Message& message) {
  Schedule w{};
  for (std::size_t t = 0; t < 64; ++t) {
    if (t < 16) {
      w[t] = message[t];
      continue;
    }
    const std::uint32_t a = w[t - 15], b = w[t - 2];
    w[t] = (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10) + w[t - 7] +
           (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[t - 16];
  }
  return w;
}

void step(Hash& s, std::uint32_t constant_and_word) {
  const auto [a, b, c, d, e, f, g, h] = s;
  const std::uint32_t t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                           ((e & f) ^ (~e & g)) + constant_and_word;
  const std::uint32_t t2 =
      (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
  s = {t1 + t2, a, b, c, d + t1, e, f, g};
}

// Low half first.
template <class Halves>
Halves halves_of(const std::uint64_t* words) {
  Halves all{};
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = static_cast<std::uint32_t>(words[i / 2] >> 32 * (i % 2));
  return all;
}

}  // namespace

Hash sha256_compress(const Hash& hash, const Message& message) {
  const Schedule w = schedule(message);
  Hash s = hash;
  for (std::size_t t = 0; t < 64; ++t) step(s, kSha256[t] + w[t]);
  for (std::size_t i = 0; i < 8; ++i) s[i] += hash[i];
  return s;
}

void sha256_block(std::uint64_t seed, std::uint64_t* block) {
  std::array<std::uint64_t, kHashWords + kMessageWords> first{};
  for (std::uint64_t i = 0; i < first.size(); ++i) first[i] = first_state(seed, 0, i);
  Hash hash = halves_of<Hash>(first.data());
  for (std::uint64_t at = 0; at < kMixBlock; at += kHashWords) {
    hash = sha256_compress(hash, halves_of<Message>(first.data() + kHashWords));
    for (std::uint64_t i = 0; i < kMessageWords; ++i) first[kHashWords + i] += kStep;
    for (std::uint64_t i = 0; i < kHashWords; ++i)
      block[at + i] = std::uint64_t{hash[2 * i + 1]} << 32 | hash[2 * i];
  }
}

}  // namespace rackproof::mix
