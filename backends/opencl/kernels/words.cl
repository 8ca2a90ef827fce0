// SPDX-License-Identifier: Apache-2.0
// Regions as 64-bit words: which of them, what they hold, written and checked. `base` is the
// region's index of the buffer's first word.

enum { ALL, HALF, STRIPE, OTHERS };
enum { PATTERN, ADDRESS, INVERSE_ADDRESS, CONSTANT };

// The n-th chosen word of a buffer. HALF: those whose bit p is q; STRIPE: every STRIDE-th from p
// on; OTHERS: all but these.
ulong chosen(uint select, ulong p, ulong q, ulong n) {
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

ulong content(uint rule, ulong datum, ulong index) {
  if (rule == PATTERN) return pattern_word(datum, index);
  if (rule == ADDRESS) return 8 * index;
  return rule == CONSTANT ? datum : ~(8 * index);
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void write_words(
    __global ulong* words, ulong base, uint select, ulong p, ulong q, ulong first, ulong last,
    uint rule, ulong datum) {
  ulong end = part_last(first, last);
  for (ulong n = part_first(first, last) + get_local_id(0); n < end; n += GROUP) {
    ulong i = chosen(select, p, q, n);
    words[i] = content(rule, datum, base + i);
  }
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void check_words(
    __global const ulong* words, ulong base, uint select, ulong p, ulong q, ulong first, ulong last,
    uint rule, ulong datum, volatile __global uint* tallies, __global ulong* records,
    __global ulong* digests, uint first_group, uint lane) {
  __local ulong scratch[GROUP];
  ulong start = part_first(first, last), end = part_last(first, last);
  uint core = core_here(lane), group = first_group + get_group_id(0);
  ulong digest = 0, wrong = 0;
  for (ulong n = start + get_local_id(0); n < end; n += GROUP) {
    ulong i = chosen(select, p, q, n);
    ulong got = words[i], right = content(rule, datum, base + i);
    digest += digest_term(got, base + i);
    if (got != right) {
      ++wrong;
      record(tallies, records, base + i, right, got, group, core);
    }
  }
  digest = group_sum(digest, scratch);
  wrong = group_sum(wrong, scratch);
  if (get_local_id(0) == 0) {
    digests[group] += digest;
    tally(tallies, core, wrong, start < end ? 1 : 0);
  }
}
