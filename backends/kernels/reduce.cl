// SPDX-License-Identifier: Apache-2.0
// core/collective.h in OpenCL C: a rank's input, and the check of its result.

enum { INT32, FP16, BF16, FP32, FP64 };
enum { STREAM_RANK = 0x72 };

// The bits of an integer that the type holds exactly.
FUNCTION ulong collective_bits(uint type, long value) {
  if (type == INT32) return (uint)(int)value;
  if (type == FP64) return as_ulong((double)value);
  uint bits = as_uint((float)value);
  if (type == FP32) return bits;
  if (type == BF16) return bits >> 16;
  if (value == 0) return 0;
  uint exponent = (bits >> 23 & 0xff) - (127 - 15);
  return (bits >> 16 & 0x8000) | exponent << 10 | (bits >> 13 & 0x3ff);
}

FUNCTION void put(__global uchar* elements, uint type, ulong i, ulong bits) {
  if (type == FP64) {
    ((__global ulong*)elements)[i] = bits;
  } else if (type == FP16 || type == BF16) {
    ((__global ushort*)elements)[i] = (ushort)bits;
  } else {
    ((__global uint*)elements)[i] = (uint)bits;
  }
}
FUNCTION ulong get(__global const uchar* elements, uint type, ulong i) {
  if (type == FP64) return ((__global const ulong*)elements)[i];
  if (type == FP16 || type == BF16) return ((__global const ushort*)elements)[i];
  return ((__global const uint*)elements)[i];
}

FUNCTION long input_of(ulong pattern, uint rank, ulong index, long bound) {
  ulong of_rank = stream_word(pattern, STREAM_RANK, rank);
  return exact_operand(pattern_word(of_rank, index), bound);
}

KERNEL(GROUP) void place_inputs(
    __global uchar* elements, uint type, ulong first, ulong last, ulong pattern, uint rank,
    long bound) {
  ulong end = part_last(first, last);
  for (ulong i = part_first(first, last) + get_local_id(0); i < end; i += GROUP)
    put(elements, type, i, collective_bits(type, input_of(pattern, rank, i, bound)));
}

// A result is the sum of all ranks' inputs at offset + i (`share` 0), or one rank's input: element
// i is number i % share of what rank i / share sent, at offset + that.
KERNEL(GROUP) void check_results(
    __global const uchar* elements, uint type, ulong first, ulong last, ulong pattern, uint ranks,
    long bound, ulong share, ulong offset, volatile __global uint* tallies,
    __global ulong* records, __global ulong* digests, uint first_group, uint lane) {
  SHARED ulong scratch[GROUP];
  ulong start = part_first(first, last), end = part_last(first, last);
  Findings found = {tallies, records, core_here(lane), first_group + (uint)get_group_id(0), 0, 0};
  for (ulong i = start + get_local_id(0); i < end; i += GROUP) {
    long right = 0;
    if (share == 0) {
      for (uint rank = 0; rank < ranks; ++rank)
        right += input_of(pattern, rank, offset + i, bound);
    } else {
      right = input_of(pattern, (uint)(i / share), offset + i % share, bound);
    }
    examine(&found, i, collective_bits(type, right), get(elements, type, i));
  }
  ulong digest = group_sum(found.digest, scratch), wrong = group_sum(found.wrong, scratch);
  if (get_local_id(0) == 0) {
    digests[found.group] += digest;
    tally(tallies, found.core, wrong, start < end ? 1 : 0);
  }
}
