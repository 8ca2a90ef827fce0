// SPDX-License-Identifier: Apache-2.0
// STREAM triad on exact integers: passes alternate a = b + 3 c and b = a - 3 c and check all that
// they read. A wrong element is put right, so that it is found once.

FUNCTION double right_b(ulong word) { return (double)(word & 0xfffff); }
FUNCTION double right_c(ulong word) { return (double)(word >> 20 & 0xfffff); }
FUNCTION double right_a(ulong word) { return right_b(word) + 3.0 * right_c(word); }

FUNCTION double settled(__global double* array, ulong i, double got, double right, ulong base,
                        Findings* findings) {
  if (as_ulong(got) == as_ulong(right)) return got;
  ++findings->wrong;
  record(findings->tallies, findings->records, base + i, as_ulong(right), as_ulong(got),
         findings->group, findings->core);
  array[i] = right;
  return right;
}

// One element: `second` was read from `from`, `third` from c.
FUNCTION double next_of(__global double* from, __global double* c, ulong i, double second,
                        double third, ulong base, ulong pattern, uint forward,
                        Findings* findings) {
  ulong word = pattern_word(pattern, base + i);
  third = settled(c, i, third, right_c(word), base, findings);
  if (forward) return settled(from, i, second, right_b(word), base, findings) + 3.0 * third;
  return settled(from, i, second, right_a(word), base, findings) - 3.0 * third;
}

KERNEL(GROUP) void triad_place(
    __global double* a, __global double* b, __global double* c, ulong base, ulong first, ulong last,
    ulong pattern) {
  ulong end = part_last(first, last);
  for (ulong i = part_first(first, last) + get_local_id(0); i < end; i += GROUP) {
    ulong word = pattern_word(pattern, base + i);
    a[i] = 0;
    b[i] = right_b(word);
    c[i] = right_c(word);
  }
}

KERNEL(GROUP) void triad_pass(
    __global double* a, __global double* b, __global double* c, ulong base, ulong first, ulong last,
    ulong pattern, uint forward, volatile __global uint* tallies, __global ulong* records,
    __global ulong* digests, uint first_group, uint lane) {
  SHARED ulong scratch[GROUP];
  ulong start = part_first(first, last), end = part_last(first, last);
  __global double* from = forward ? b : a;
  __global double* to = forward ? a : b;
  ulong i = start + get_local_id(0);
  Findings found = {tallies, records, core_here(lane), first_group + (uint)get_group_id(0), 0, 0};
  for (; i + (AHEAD - 1) * GROUP < end; i += AHEAD * GROUP) {
    double second[AHEAD], third[AHEAD];
    for (uint j = 0; j < AHEAD; ++j) {
      second[j] = from[i + j * GROUP];
      third[j] = c[i + j * GROUP];
    }
    for (uint j = 0; j < AHEAD; ++j) {
      ulong at = i + j * GROUP;
      to[at] = next_of(from, c, at, second[j], third[j], base, pattern, forward, &found);
    }
  }
  for (; i < end; i += GROUP)
    to[i] = next_of(from, c, i, from[i], c[i], base, pattern, forward, &found);
  ulong wrong = group_sum(found.wrong, scratch);
  if (get_local_id(0) == 0) tally(tallies, found.core, wrong, start < end ? 1 : 0);
}

// `is_a`: the array is a, else b. The digest is of the array as read.
KERNEL(GROUP) void triad_check(
    __global double* array, uint is_a, ulong base, ulong first, ulong last, ulong pattern,
    volatile __global uint* tallies, __global ulong* records, __global ulong* digests,
    uint first_group, uint lane) {
  SHARED ulong scratch[GROUP];
  ulong start = part_first(first, last), end = part_last(first, last);
  Findings found = {tallies, records, core_here(lane), first_group + (uint)get_group_id(0), 0, 0};
  ulong digest = 0;
  for (ulong i = start + get_local_id(0); i < end; i += GROUP) {
    ulong word = pattern_word(pattern, base + i);
    double got = array[i];
    digest += digest_term(as_ulong(got), base + i);
    settled(array, i, got, is_a ? right_a(word) : right_b(word), base, &found);
  }
  digest = group_sum(digest, scratch);
  ulong wrong = group_sum(found.wrong, scratch);
  if (get_local_id(0) == 0) {
    if (is_a) digests[found.group] += digest;
    tally(tallies, found.core, wrong, 0);
  }
}
