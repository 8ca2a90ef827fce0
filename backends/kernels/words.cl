// SPDX-License-Identifier: Apache-2.0
// Regions as 64-bit words: which of them, what they hold, written and checked. `base` is the
// region's index of the buffer's first word.

enum { ALL, HALF, STRIPE, OTHERS };
enum { PATTERN, ADDRESS, INVERSE_ADDRESS, CONSTANT };

// The n-th chosen word of a buffer. HALF: those whose bit p is q; STRIPE: every STRIDE-th from p
// on; OTHERS: all but these.
FUNCTION ulong chosen(uint select, ulong p, ulong q, ulong n) {
  if (select == HALF) {
    ulong low = (1UL << p) - 1;
    return (n & ~low) << 1 | q << p | (n & low);
  }
  if (select == STRIPE) return n * STRIDE + p;
  if (select == OTHERS) {
    ulong rest = n % (STRIDE - 1);
    return n / (STRIDE - 1) * STRIDE + rest + (rest >= p ? 1 : 0);
  }
  return n;
}

FUNCTION ulong content(uint rule, ulong datum, ulong index) {
  if (rule == PATTERN) return pattern_word(datum, index);
  if (rule == ADDRESS) return 8 * index;
  return rule == CONSTANT ? datum : ~(8 * index);
}

KERNEL(GROUP) void write_words(
    __global ulong* words, ulong base, uint select, ulong p, ulong q, ulong first, ulong last,
    uint rule, ulong datum) {
  ulong end = part_last(first, last);
  for (ulong n = part_first(first, last) + get_local_id(0); n < end; n += GROUP) {
    ulong i = chosen(select, p, q, n);
    words[i] = content(rule, datum, base + i);
  }
}

KERNEL(GROUP) void check_words(
    __global const ulong* words, ulong base, uint select, ulong p, ulong q, ulong first, ulong last,
    uint rule, ulong datum, volatile __global uint* tallies, __global ulong* records,
    __global ulong* digests, uint first_group, uint lane) {
  SHARED ulong scratch[GROUP];
  ulong start = part_first(first, last), end = part_last(first, last);
  ulong n = start + get_local_id(0);
  Findings found = {tallies, records, core_here(lane), first_group + (uint)get_group_id(0), 0, 0};
  for (; n + (AHEAD - 1) * GROUP < end; n += AHEAD * GROUP) {
    ulong got[AHEAD], at[AHEAD];
    for (uint j = 0; j < AHEAD; ++j) {
      at[j] = chosen(select, p, q, n + j * GROUP);
      got[j] = words[at[j]];
    }
    for (uint j = 0; j < AHEAD; ++j)
      examine(&found, base + at[j], content(rule, datum, base + at[j]), got[j]);
  }
  for (; n < end; n += GROUP) {
    ulong i = chosen(select, p, q, n);
    examine(&found, base + i, content(rule, datum, base + i), words[i]);
  }
  ulong digest = group_sum(found.digest, scratch), wrong = group_sum(found.wrong, scratch);
  if (get_local_id(0) == 0) {
    digests[found.group] += digest;
    tally(tallies, found.core, wrong, start < end ? 1 : 0);
  }
}
