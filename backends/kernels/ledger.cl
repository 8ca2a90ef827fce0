// SPDX-License-Identifier: Apache-2.0
// What checks leave behind: counts for each core, the first mismatches, sums of digests.
// tallies: [0] mismatches recorded so far, [1] those of operands, which have records of their own, so
// that the many elements that one operand spoils do not crowd it out; [2] pieces of work that nobody did, so
// that there was nothing to check; from [4] on, for each core, how many elements were wrong
// and how many pieces of work were checked, each as low and high half. The last core is "unknown".

#define KEPT 64
#define FIELDS 5

// CORE_HERE: how this device tells which compute unit a group runs on.
FUNCTION uint core_here(uint lane) {
#ifdef CORE_HERE
  return min((uint)CORE_HERE, (uint)CORES);
#else
  return lane;
#endif
}

FUNCTION void add_wide(volatile __global uint* counter, ulong amount) {
  uint low = (uint)amount;
  uint before = atomic_add(counter, low);
  uint high = (uint)(amount >> 32) + (before + low < before ? 1u : 0u);
  if (high != 0) atomic_add(counter + 1, high);
}

FUNCTION void tally(volatile __global uint* tallies, uint core, ulong wrong, ulong checked) {
  volatile __global uint* of_core = tallies + 4 + 4 * core;
  if (wrong != 0) add_wide(of_core, wrong);
  if (checked != 0) add_wide(of_core + 2, checked);
}

FUNCTION void record(volatile __global uint* recorded, __global ulong* records, ulong element,
            ulong expected, ulong got, ulong tile, uint core) {
  if (*recorded >= KEPT) return;
  uint slot = atomic_inc(recorded);
  if (slot >= KEPT) return;
  __global ulong* fields = records + FIELDS * slot;
  fields[0] = element;
  fields[1] = expected;
  fields[2] = got;
  fields[3] = tile;
  fields[4] = core;
}

// Loads of an item that are under way at once.
#define AHEAD 4

// What an item finds on its way.
typedef struct {
  volatile __global uint* tallies;
  __global ulong* records;
  uint core, group;
  ulong wrong, digest;
} Findings;

FUNCTION void judge(Findings* findings, ulong element, ulong right, ulong got) {
  if (got == right) return;
  ++findings->wrong;
  record(findings->tallies, findings->records, element, right, got, findings->group,
         findings->core);
}
FUNCTION void examine(Findings* findings, ulong element, ulong right, ulong got) {
  findings->digest += digest_term(got, element);
  judge(findings, element, right, got);
}

// The sum over a work group of GROUP items, for all of them.
FUNCTION ulong group_sum(ulong mine, __local ulong* scratch) {
  uint item = get_local_id(0);
  scratch[item] = mine;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint width = GROUP / 2; width > 0; width /= 2) {
    if (item < width) scratch[item] += scratch[item + width];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  ulong sum = scratch[0];
  barrier(CLK_LOCAL_MEM_FENCE);
  return sum;
}

// This work group's part of [first, last).
FUNCTION ulong part_first(ulong first, ulong last) {
  ulong each = (last - first + get_num_groups(0) - 1) / get_num_groups(0);
  return min(first + each * get_group_id(0), last);
}
FUNCTION ulong part_last(ulong first, ulong last) {
  ulong each = (last - first + get_num_groups(0) - 1) / get_num_groups(0);
  return min(part_first(first, last) + each, last);
}
