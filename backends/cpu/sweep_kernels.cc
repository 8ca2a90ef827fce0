// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/sweep_kernels.h"

#include <algorithm>
#include <array>

#include "backends/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/sweep_kernels.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "backends/cpu/check-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rackproof::cpu::HWY_NAMESPACE {
namespace {

// Where the lines of a block of chosen lines lie, from its first one on.
struct BlockOffsets {
  std::array<std::uint32_t, kBlockLines> read, asked;  // in words

  BlockOffsets(const Half& half, const Ahead& ahead) {
    for (std::uint64_t j = 0; j < kBlockLines; ++j)
      read[j] = static_cast<std::uint32_t>(half.chosen_line(j) - half.chosen_line(0));
    for (std::uint64_t j = 0; j < kBlockLines; ++j) asked[j] = read[ahead.lines[j]];
  }
};

// Walks over chosen lines: calls read(line) with each one's first word, and end_of_run() where a
// gap follows, asking for lines ahead on the way. The order of the calls is that of addresses.
template <class Lines>
HWY_INLINE void walk(const std::uint64_t* words, const Stretch& s, const Ahead& ahead,
                     Lines& lines) {
  const BlockOffsets offsets(s.half, ahead);
  const std::uint64_t share = s.half.line_share(), last = s.last / share;
  const std::uint64_t last_block = (std::max(s.end, s.last) - 1) / share & ~(kBlockLines - 1);
  const std::uint64_t run = s.half.run_lines(), chunk = std::min(run, kBlockLines);
  for (std::uint64_t n = s.first / share; n < last;) {
    const std::uint64_t block = n & ~(kBlockLines - 1);
    const std::uint64_t base = s.half.chosen_line(block);
    const auto* asked =
        words + s.half.chosen_line(std::min(block + ahead.blocks * kBlockLines, last_block));
    for (const std::uint64_t stop = std::min(last, block + kBlockLines); n < stop;) {
      for (const std::uint64_t end = std::min(stop, (n | (chunk - 1)) + 1); n < end; ++n) {
        hwy::Prefetch(asked + offsets.asked[n - block]);
        lines.read(base + offsets.read[n - block]);
      }
      if ((n & (run - 1)) == 0) lines.end_of_run();
    }
  }
}

HWY_INLINE std::uint64_t total_of(WordVec lanes_of) {
  const Words d;
  HWY_ALIGN std::uint64_t lanes[hn::MaxLanes(d)];
  hn::Store(lanes_of, d, lanes);  // the instruction set's own sum is one of signed numbers
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) total += lanes[i];
  return total;
}

// Whole lines. The digest is that of neighbouring words, plus the gaps: a word after g gaps has an
// index that is g * gap larger, and with S_g the sum of the words up to gap g, of n gaps in all,
// the sum of g * word is n S - sum S_g.
struct WholeLines {
  const std::uint64_t* words;
  WordVec expected;
  Findings& findings;
  DigestStream digest;
  WordVec before_gaps;
  std::uint64_t gaps = 0;

  HWY_INLINE WholeLines(const std::uint64_t* w, std::uint64_t word, Findings& f)
      : words(w), expected(hn::Set(Words(), word)), findings(f), before_gaps(hn::Zero(Words())) {}
  HWY_INLINE void read(std::uint64_t line) {
    const Words d;
    for (std::uint64_t i = line; i < line + 8; i += hn::Lanes(d)) {
      const WordVec got = hn::Load(d, words + i);
      digest.add(got);
      if (HWY_UNLIKELY(!same(got, expected))) note_differences(findings, i, expected, got);
    }
  }
  HWY_INLINE void end_of_run() {
    before_gaps = hn::Add(before_gaps, digest.sum);
    ++gaps;
  }
  HWY_INLINE std::uint64_t finish(std::uint64_t first, std::uint64_t gap) const {
    return digest.finish(first) + 2 * gap * (gaps * total_of(digest.sum) - total_of(before_gaps));
  }
};

// Lines of which four words are chosen; one stream of words for each vector of a line.
struct PartsOfLines {
  static constexpr std::size_t kVectors = 8 / hn::MaxLanes(Words());
  const std::uint64_t* words;
  WordVec expected;
  Findings& findings;
  WordVec chosen[kVectors];  // all bits of chosen words
  DigestStream digests[kVectors];

  HWY_INLINE PartsOfLines(const std::uint64_t* w, const Half& half, std::uint64_t word, Findings& f)
      : words(w), expected(hn::Set(Words(), word)), findings(f) {
    const Words d;
    HWY_ALIGN std::uint64_t all[8];
    for (std::uint64_t i = 0; i < 8; ++i) all[i] = (i & half.mask()) == half.wanted() ? ~0ULL : 0;
    for (std::size_t v = 0; v < kVectors; ++v) chosen[v] = hn::Load(d, all + v * hn::Lanes(d));
  }
  HWY_INLINE void read(std::uint64_t line) {
    const Words d;
    for (std::size_t v = 0; v < kVectors; ++v) {
      const WordVec got = hn::Load(d, words + line + v * hn::Lanes(d));
      digests[v].add(got);
      const WordVec wrong = hn::And(hn::Xor(got, expected), chosen[v]);
      if (HWY_UNLIKELY(!same(wrong, hn::Zero(d)))) {
        note_differences(findings, line + v * hn::Lanes(d), expected, hn::Xor(expected, wrong));
      }
    }
  }
  HWY_INLINE void end_of_run() {}
  // Lanes are apart until here, so words that are not chosen drop out of the sums now.
  HWY_INLINE std::uint64_t finish(std::uint64_t first_line) const {
    const Words d;
    WordVec total = hn::Zero(d);
    for (std::size_t v = 0; v < kVectors; ++v) {
      const DigestStream& x = digests[v];
      const WordVec index = hn::Iota(d, first_line + v * hn::Lanes(d));
      const WordVec weight = hn::Add(hn::Add(index, index), hn::Set(d, 1));
      const WordVec later = hn::Sub(hn::Mul(hn::Set(d, x.steps), x.sum), x.sums);
      const WordVec terms = hn::Add(hn::Mul(weight, x.sum), hn::ShiftLeft<4>(later));
      total = hn::Add(total, hn::And(terms, chosen[v]));
    }
    return total_of(total);
  }
};

std::uint64_t read_stretch(const std::uint64_t* words, const Stretch& stretch, std::uint64_t word,
                           const Ahead& ahead, Findings& findings) {
  const Half& half = stretch.half;
  const std::uint64_t first_line = half.chosen_line(stretch.first / half.line_share());
  if (half.within_line()) {
    PartsOfLines lines(words, half, word, findings);
    walk(words, stretch, ahead, lines);
    return lines.finish(first_line);
  }
  WholeLines lines(words, word, findings);
  walk(words, stretch, ahead, lines);
  return lines.finish(first_line, half.run_lines() * 8);
}

void write_lines(std::uint64_t* words, const Stretch& s, std::uint64_t word) {
  const Words d;
  const WordVec value = hn::Set(d, word);
  const std::uint64_t run = s.half.run_lines() * 8;
  for (std::uint64_t number = s.first; number < s.last;) {
    const std::uint64_t length = std::min(s.last - number, run - (number & (run - 1)));
    std::uint64_t* const start = words + s.half.word(number);
    for (std::uint64_t i = 0; i < length; i += hn::Lanes(d)) hn::Stream(value, d, start + i);
    number += length;
  }
  hwy::FlushStream();
}

// One store a word on every instruction set: a blended vector store rewrites a line's other words
// on some, which would be another March operation.
void write_parts(std::uint64_t* words, const Stretch& s, std::uint64_t word) {
  const std::array<std::uint64_t, 4> offsets{s.half.word(0), s.half.word(1), s.half.word(2),
                                             s.half.word(3)};
  volatile std::uint64_t* const target = words;
  for (std::uint64_t line = s.first / 4 * 8; line < s.last / 4 * 8; line += 8) {
    for (const std::uint64_t offset : offsets) target[line + offset] = word;
  }
}

void write_stretch(std::uint64_t* words, const Stretch& stretch, std::uint64_t word) {
  const auto write = stretch.half.within_line() ? write_parts : write_lines;
  write(words, stretch, word);
}

const SweepKernels& kernels_here() {
  static constexpr SweepKernels kKernels{read_stretch, write_stretch};
  return kKernels;
}

}  // namespace
}  // namespace rackproof::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::cpu {

HWY_EXPORT(kernels_here);
const SweepKernels& sweep_kernels() { return HWY_DYNAMIC_DISPATCH(kernels_here)(); }

}  // namespace rackproof::cpu
#endif
