// SPDX-License-Identifier: Apache-2.0
// STREAM triad on exact integers: passes alternate a = b + 3 c and b = a - 3 c and check all that
// they read. A wrong element is put right, so that it is found once.
#pragma OPENCL EXTENSION cl_khr_fp64 : enable

double right_b(ulong word) { return (double)(word & 0xfffff); }
double right_c(ulong word) { return (double)(word >> 20 & 0xfffff); }
double right_a(ulong word) { return right_b(word) + 3.0 * right_c(word); }

typedef struct {
  volatile __global uint* tallies;
  __global ulong* records;
  uint core, group;
  ulong wrong;
} Findings;

double settled(__global double* array, ulong i, double right, ulong base, Findings* findings) {
  double got = array[i];
  if (as_ulong(got) == as_ulong(right)) return got;
  ++findings->wrong;
  record(findings->tallies, findings->records, base + i, as_ulong(right), as_ulong(got),
         findings->group, findings->core);
  array[i] = right;
  return right;
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void triad_place(
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

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void triad_pass(
    __global double* a, __global double* b, __global double* c, ulong base, ulong first, ulong last,
    ulong pattern, uint forward, volatile __global uint* tallies, __global ulong* records,
    __global ulong* digests, uint first_group, uint lane) {
  __local ulong scratch[GROUP];
  ulong start = part_first(first, last), end = part_last(first, last);
  Findings findings = {tallies, records, core_here(lane), first_group + (uint)get_group_id(0), 0};
  for (ulong i = start + get_local_id(0); i < end; i += GROUP) {
    ulong word = pattern_word(pattern, base + i);
    double third = settled(c, i, right_c(word), base, &findings);
    if (forward)
      a[i] = settled(b, i, right_b(word), base, &findings) + 3.0 * third;
    else
      b[i] = settled(a, i, right_a(word), base, &findings) - 3.0 * third;
  }
  ulong wrong = group_sum(findings.wrong, scratch);
  if (get_local_id(0) == 0) tally(tallies, findings.core, wrong, start < end ? 1 : 0);
}

// `is_a`: the array is a, else b. The digest is of the array as read.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void triad_check(
    __global double* array, uint is_a, ulong base, ulong first, ulong last, ulong pattern,
    volatile __global uint* tallies, __global ulong* records, __global ulong* digests,
    uint first_group, uint lane) {
  __local ulong scratch[GROUP];
  ulong start = part_first(first, last), end = part_last(first, last);
  Findings findings = {tallies, records, core_here(lane), first_group + (uint)get_group_id(0), 0};
  ulong digest = 0;
  for (ulong i = start + get_local_id(0); i < end; i += GROUP) {
    ulong word = pattern_word(pattern, base + i);
    digest += digest_term(as_ulong(array[i]), base + i);
    settled(array, i, is_a ? right_a(word) : right_b(word), base, &findings);
  }
  digest = group_sum(digest, scratch);
  ulong wrong = group_sum(findings.wrong, scratch);
  if (get_local_id(0) == 0) {
    if (is_a) digests[findings.group] += digest;
    tally(tallies, findings.core, wrong, 0);
  }
}
