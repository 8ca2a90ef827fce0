// SPDX-License-Identifier: Apache-2.0
// core's DigestFold on the device: what each iteration read becomes part of one value there, so that
// the host need not wait for every one.

// fold: [0] how many digests were added, [1] the first of them, [2] what they come to.
typedef struct {
  ulong added, first, value;
} Fold;

FUNCTION void add_digest(Fold* fold, ulong digest) {
  if (fold->added == 0) fold->first = fold->value = digest;
  if (digest != fold->first) fold->value = mix64(fold->value ^ mix64(digest));
  ++fold->added;
}

// The sum of every `step`-th digest from `from` on, which are left empty for the next iteration.
FUNCTION ulong taken(__global ulong* digests, ulong from, ulong step, ulong end) {
  ulong sum = 0;
  ulong n = from;
  for (; n + (AHEAD - 1) * step < end; n += AHEAD * step) {
    ulong got[AHEAD];
    for (uint j = 0; j < AHEAD; ++j) got[j] = digests[n + j * step];
    for (uint j = 0; j < AHEAD; ++j) {
      sum += got[j];
      digests[n + j * step] = 0;
    }
  }
  for (; n < end; n += step) {
    sum += digests[n];
    digests[n] = 0;
  }
  return sum;
}

// A digest is the sum over `width` groups: of all items together where there is one only, else each
// item brings one at a time. `gaps`: what nothing was added to is no digest. A launch has one group.
KERNEL(GROUP) void fold_digests(
    __global ulong* digests, ulong width, ulong first, ulong count, uint gaps,
    __global ulong* fold) {
  SHARED ulong scratch[GROUP];
  ulong item = get_local_id(0), end = first + count;
  Fold state = {fold[0], fold[1], fold[2]};
  if (count == 1) {
    ulong sum =
        group_sum(taken(digests, width * first + item, GROUP, width * end), scratch);
    if (!gaps || sum != 0) add_digest(&state, sum);
  }
  for (ulong from = first; count > 1 && from < end; from += GROUP) {
    ulong mine = from + item;
    if (mine < end) scratch[item] = taken(digests, width * mine, 1, width * (mine + 1));
    barrier(CLK_LOCAL_MEM_FENCE);
    for (ulong i = 0; i < min((ulong)GROUP, end - from); ++i) {
      if (!gaps || scratch[i] != 0) add_digest(&state, scratch[i]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (item == 0) {
    fold[0] = state.added;
    fold[1] = state.first;
    fold[2] = state.value;
  }
}
