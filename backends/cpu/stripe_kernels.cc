// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/stripe_kernels.h"

#include "backends/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/stripe_kernels.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "backends/cpu/check-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rackproof::cpu::HWY_NAMESPACE {
namespace {

// Whole periods, so that what is asked for ahead are lines of the same kind.
constexpr std::uint64_t kAhead = 26 * kStripePeriod;

std::uint64_t read_own(const std::uint64_t* words, const StripePiece& piece, std::uint64_t phase,
                       std::uint64_t word, Findings& findings) {
  std::uint64_t digest = 0;
  for (std::uint64_t i = piece.first + phase; i < piece.last; i += kStripe) {
    hwy::Prefetch(words + i + kAhead);
    const std::uint64_t got = words[i];
    digest += digest_term(got, i);
    if (HWY_UNLIKELY(got != word)) findings.add(i, word, got);
  }
  return digest;
}

// All bits of the chosen words of one period.
struct Mask {
  HWY_ALIGN std::uint64_t chosen[kStripePeriod];

  explicit Mask(const StripeWords& of) {
    for (std::uint64_t i = 0; i < kStripePeriod; ++i) chosen[i] = of.holds(i) ? ~0ULL : 0;
  }
};

// A word that is not chosen counts as the one whose digest term is 0.
std::uint64_t read_others(const std::uint64_t* words, const StripePiece& piece,
                          const StripeWords& others, std::uint64_t word, Findings& findings) {
  const Words d;
  const Mask mask(others);
  const WordVec expected = hn::Set(d, word), zero = hn::Zero(d);
  const WordVec nothing = hn::Set(d, kDigestNothing);
  DigestStream digest;
  for (std::uint64_t period = piece.first; period < piece.last; period += kStripePeriod) {
    const std::uint64_t length = HWY_MIN(kStripePeriod, piece.last - period);
    for (std::uint64_t i = 0; i < length; i += hn::Lanes(d)) {
      hwy::Prefetch(words + period + i + kAhead);
      const WordVec got = hn::Load(d, words + period + i), chosen = hn::Load(d, mask.chosen + i);
      digest.add(hn::Or(hn::And(chosen, got), hn::AndNot(chosen, nothing)));
      const WordVec wrong = hn::And(hn::Xor(got, expected), chosen);
      if (HWY_UNLIKELY(!same(wrong, zero)))
        note_differences(findings, period + i, expected, hn::Xor(expected, wrong));
    }
  }
  return digest.finish(piece.first);
}

std::uint64_t read_piece(const std::uint64_t* words, const StripePiece& piece,
                         const StripeWords& chosen, std::uint64_t word, Findings& findings) {
  return chosen.others() ? read_others(words, piece, chosen, word, findings)
                         : read_own(words, piece, chosen.phase(), word, findings);
}

void write_own(std::uint64_t* words, const StripePiece& piece, std::uint64_t phase,
               std::uint64_t word) {
  volatile std::uint64_t* const target = words;
  for (std::uint64_t i = piece.first + phase; i < piece.last; i += kStripe) {
    hwy::Prefetch(words + i + kAhead);
    target[i] = word;
  }
}

// One store a word on every instruction set: a blended vector store would rewrite the line's word
// of the other kind, which is the one that must be left alone.
void write_part(volatile std::uint64_t* line, std::uint64_t without, std::uint64_t word) {
  for (std::uint64_t i = 0; i < 8; ++i) {
    if (i != without) line[i] = word;
  }
}

void write_others(std::uint64_t* words, const StripePiece& piece, std::uint64_t phase,
                  std::uint64_t word) {
  const Words d;
  const WordVec value = hn::Set(d, word);
  for (std::uint64_t line = piece.first; line < piece.last; line += 8) {
    // How far the line's first word is from the next one that is left alone.
    const std::uint64_t without = (phase + kStripe - line % kStripe) % kStripe;
    if (without < 8) {
      hwy::Prefetch(words + line + kAhead);
      write_part(words + line, without, word);
    } else {
      for (std::uint64_t i = 0; i < 8; i += hn::Lanes(d)) hn::Stream(value, d, words + line + i);
    }
  }
  hwy::FlushStream();
}

void write_piece(std::uint64_t* words, const StripePiece& piece, const StripeWords& chosen,
                 std::uint64_t word) {
  const auto write = chosen.others() ? write_others : write_own;
  write(words, piece, chosen.phase(), word);
}

const StripeKernels& kernels_here() {
  static constexpr StripeKernels kKernels{read_piece, write_piece};
  return kKernels;
}

}  // namespace
}  // namespace rackproof::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::cpu {

HWY_EXPORT(kernels_here);
const StripeKernels& stripe_kernels() { return HWY_DYNAMIC_DISPATCH(kernels_here)(); }

}  // namespace rackproof::cpu
#endif
