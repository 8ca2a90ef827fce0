// SPDX-License-Identifier: Apache-2.0
// core/mix_chains.h in OpenCL C, by the instructions that a device has for it. A group of ROW items
// computes a block of one copy; an item is a chain.

enum { BLOCK = 512, ROW = 64, ROWS = BLOCK / ROW };
enum { FMA_TURNS = 8, SCALAR_CHAINS = 4, SCALAR_ROWS = 2, SCALAR_TURNS = 4, MULTIPLY_TURNS = 8 };

FUNCTION ulong block_seed(ulong kernel_number, ulong pattern, ulong block) {
  return pattern_word(pattern ^ mix64((kernel_number + 1) * 0xd1b54a32d192ed03UL), block);
}
FUNCTION ulong first_state(ulong seed, ulong k, ulong lane, ulong lanes) {
  return pattern_word(seed, k * lanes + lane);
}
FUNCTION ulong rotated(ulong x, uint right) { return rotate(x, (ulong)(64 - right)); }
FUNCTION ulong give_out(ulong w, ulong x, ulong y, ulong z) {
  return w ^ rotated(x, 17) ^ rotated(y, 34) ^ rotated(z, 51);
}

typedef struct {
  ulong w, x, y, z;
} Chain;

#if KERNEL_NUMBER == 0

FUNCTION uint changed(uint w, uint x, uint y, uint z) {
  uint f = as_uint(fma(as_float(x), as_float(y), -as_float(z)));
  return 0x3e000000u | ((w ^ f ^ f >> 17) & 0x81ffffffu);
}
FUNCTION uint state_of(ulong seed, ulong k, uint lane, uint shift) {
  return 0x3e000000u | ((uint)(first_state(seed, k, lane, ROW) >> shift) & 0x81ffffffu);
}
FUNCTION ulong both(uint2 halves) { return (ulong)halves.y << 32 | halves.x; }

FUNCTION void compute(ulong seed, uint lane, ulong first, ulong words, __global ulong* to) {
  uint2 w, x, y, z;
  w = pair_of(state_of(seed, 0, lane, 0), state_of(seed, 0, lane, 32));
  x = pair_of(state_of(seed, 1, lane, 0), state_of(seed, 1, lane, 32));
  y = pair_of(state_of(seed, 2, lane, 0), state_of(seed, 2, lane, 32));
  z = pair_of(state_of(seed, 3, lane, 0), state_of(seed, 3, lane, 32));
  for (uint row = 0; row < ROWS; ++row) {
    for (uint t = 0; t < FMA_TURNS; ++t) {
      w = pair_of(changed(w.x, x.x, y.x, z.x), changed(w.y, x.y, y.y, z.y));
      x = pair_of(changed(x.x, y.x, z.x, w.x), changed(x.y, y.y, z.y, w.y));
      y = pair_of(changed(y.x, z.x, w.x, x.x), changed(y.y, z.y, w.y, x.y));
      z = pair_of(changed(z.x, w.x, x.x, y.x), changed(z.y, w.y, x.y, y.y));
    }
    ulong i = first + ROW * row + lane;
    if (i < words) to[i] = give_out(both(w), both(x), both(y), both(z));
  }
}

#elif KERNEL_NUMBER == 1

FUNCTION ulong changed(ulong w, ulong x, ulong y, ulong z) {
  ulong f = as_ulong(fma(as_double(x), as_double(y), -as_double(z)));
  return 0x3fc0000000000000UL | ((w ^ f ^ f >> 41) & 0x803fffffffffffffUL);
}
FUNCTION ulong state_of(ulong seed, ulong k, uint lane) {
  return 0x3fc0000000000000UL | (first_state(seed, k, lane, ROW) & 0x803fffffffffffffUL);
}

FUNCTION void compute(ulong seed, uint lane, ulong first, ulong words, __global ulong* to) {
  Chain c = {state_of(seed, 0, lane), state_of(seed, 1, lane), state_of(seed, 2, lane),
             state_of(seed, 3, lane)};
  for (uint row = 0; row < ROWS; ++row) {
    for (uint t = 0; t < FMA_TURNS; ++t) {
      c.w = changed(c.w, c.x, c.y, c.z);
      c.x = changed(c.x, c.y, c.z, c.w);
      c.y = changed(c.y, c.z, c.w, c.x);
      c.z = changed(c.z, c.w, c.x, c.y);
    }
    ulong i = first + ROW * row + lane;
    if (i < words) to[i] = give_out(c.w, c.x, c.y, c.z);
  }
}

#elif KERNEL_NUMBER == 9

// core/mix_matrix.h: lane w of a warp brings word w of each operand matrix.
enum { TILES = 4, SUMMANDS = 8, ROUNDS = 64, WARP = 32, OPERAND_WORDS = 32 };

FUNCTION int operand(ulong word, uint byte) {
  return (int)(((uint)(word >> 8 * byte) & 0xffu) * 31 >> 8) - 15;
}
FUNCTION ulong operand_word(ulong seed, uint tile, uint matrix, uint word) {
  return pattern_word(seed, (tile * 2 * SUMMANDS + matrix) * OPERAND_WORDS + word);
}

#ifdef MATRIX_UNITS
// Two bf16 numbers, that of the lower byte below.
FUNCTION uint operand_pair(ulong word, uint byte) {
  return as_uint((float)operand(word, byte)) >> 16 |
         (as_uint((float)operand(word, byte + 1)) & 0xffff0000u);
}

// sums[0 ... 3] are of columns 0 to 7, sums[4 ... 7] of columns 8 to 15, as the units lay them out.
FUNCTION void multiply_tile(ulong seed, uint tile, uint lane, float* sums) {
  uint a[SUMMANDS][4], b[SUMMANDS][4];
  for (uint s = 0; s < SUMMANDS; ++s) {
    ulong of_a = operand_word(seed, tile, s, lane);
    ulong of_b = operand_word(seed, tile, SUMMANDS + s, lane);
    for (uint pair = 0; pair < 4; ++pair) {
      a[s][pair] = operand_pair(of_a, 2 * pair);
      b[s][pair] = operand_pair(of_b, 2 * pair);
    }
  }
  for (uint round = 0; round < ROUNDS; ++round) {
    for (uint s = 0; s < SUMMANDS; ++s) {
      for (uint r = 0; r < SUMMANDS; ++r) {
        multiply_on_units(sums, a[s], b[r][0], b[r][1]);
        multiply_on_units(sums + 4, a[s], b[r][2], b[r][3]);
      }
    }
  }
}
#else
FUNCTION float operand_a(ulong seed, uint tile, uint s, uint i, uint k) {
  return operand(operand_word(seed, tile, s, i % 8 * 4 + k % 8 / 2), k / 8 * 4 + i / 8 * 2 + k % 2);
}
FUNCTION float operand_b(ulong seed, uint tile, uint r, uint k, uint j) {
  return operand(operand_word(seed, tile, SUMMANDS + r, j % 8 * 4 + k % 8 / 2),
                 j / 8 * 4 + k / 8 * 2 + k % 2);
}

// The same sums without matrix units, for what only checks the layout: one round stands for all.
FUNCTION void multiply_tile(ulong seed, uint tile, uint lane, float* sums) {
  for (uint e = 0; e < 8; ++e) {
    uint i = lane / 4 + e % 4 / 2 * 8, j = e / 4 * 8 + lane % 4 * 2 + e % 2;
    for (uint k = 0; k < 16; ++k) {
      float of_a = 0, of_b = 0;
      for (uint s = 0; s < SUMMANDS; ++s) {
        of_a += operand_a(seed, tile, s, i, k);
        of_b += operand_b(seed, tile, s, k, j);
      }
      sums[e] += ROUNDS * of_a * of_b;
    }
  }
}
#endif

// A sum of nothing but zeros may have either sign.
FUNCTION ulong bits_of_sum(float sum) { return sum == 0 ? 0 : as_uint(sum); }

FUNCTION void compute(ulong seed, uint item, ulong first, ulong words, __global ulong* to) {
  uint lane = item % WARP;
  for (uint tile = item / WARP; tile < TILES; tile += ROW / WARP) {
    float sums[8] = {0, 0, 0, 0, 0, 0, 0, 0};
    multiply_tile(seed, tile, lane, sums);
    for (uint pair = 0; pair < 4; ++pair) {
      uint i = lane / 4 + pair % 2 * 8, j = pair / 2 * 8 + lane % 4 * 2;
      ulong at = first + (tile * 16 + i) * 8 + j / 2;
      if (at < words)
        to[at] = bits_of_sum(sums[2 * pair]) | bits_of_sum(sums[2 * pair + 1]) << 32;
    }
  }
}

#else  // multiply

FUNCTION Chain chain_of(ulong seed, ulong lane, ulong lanes) {
  Chain c = {first_state(seed, 0, lane, lanes), first_state(seed, 1, lane, lanes),
             first_state(seed, 2, lane, lanes), 0};
  return c;
}
FUNCTION ulong scalar(ulong w, ulong x, ulong y) { return (rotated(w, 17) + x * y) ^ mul_hi(x, y); }
FUNCTION ulong by_words(ulong a, ulong b) { return as_ulong(as_uint2(a) * as_uint2(b)); }
FUNCTION ulong by_shorts(ulong a, ulong b) { return as_ulong(as_ushort4(a) * as_ushort4(b)); }
FUNCTION ulong by_shorts_high(ulong a, ulong b) {
  return as_ulong(mul_hi(as_ushort4(a), as_ushort4(b)));
}
FUNCTION ulong wide(ulong a, ulong b) { return (ulong)(uint)a * (uint)b; }
FUNCTION ulong wide_signed(ulong a, ulong b) { return (ulong)((long)(int)(uint)a * (int)(uint)b); }

FUNCTION void compute_scalar(ulong seed, uint chain, ulong first, ulong words, __global ulong* to) {
  Chain c = chain_of(~seed, chain, SCALAR_CHAINS);
  for (uint at = chain; at < SCALAR_ROWS * ROW; at += SCALAR_CHAINS) {
    for (uint t = 0; t < SCALAR_TURNS; ++t) {
      c.w = scalar(c.w, c.x, c.y);
      c.x = scalar(c.x, c.y, c.w);
      c.y = scalar(c.y, c.w, c.x);
    }
    if (first + at < words) to[first + at] = give_out(c.w, c.x, c.y, 0);
  }
}

FUNCTION void compute(ulong seed, uint lane, ulong first, ulong words, __global ulong* to) {
  if (lane < SCALAR_CHAINS) compute_scalar(seed, lane, first, words, to);
  Chain c = chain_of(seed, lane, ROW);
  for (uint row = SCALAR_ROWS; row < ROWS; ++row) {
    for (uint t = 0; t < MULTIPLY_TURNS; ++t) {
      c.w = (rotated(c.w, 17) + wide(c.x, c.y)) ^ by_words(c.x, c.y);
      c.x = (rotated(c.x, 17) + c.y * c.w) ^ by_shorts_high(c.y, c.w);
      c.y = (rotated(c.y, 17) + wide_signed(c.w, c.x)) ^ by_shorts(c.w, c.x);
    }
    ulong i = first + ROW * row + lane;
    if (i < words) to[i] = give_out(c.w, c.x, c.y, 0);
  }
}

#endif

#define ANY 0xffffffffu

// The block that this group makes next, as copy * blocks + block. `taken` null: one block each, by
// the group's number. Else each core makes a copy of its own, and its groups take the copy's blocks
// in turn; `only`: that core alone. ~0: nothing is left. Item 0 says for all which core it is: a
// group that is preempted may go on elsewhere, and its items must not part (PTX ISA, %smid).
FUNCTION ulong next_block(ulong blocks, uint first_copy, volatile __global uint* taken, uint only,
                          uint turn, uint lane, __local uint* next) {
  if (taken == 0) return turn == 0 ? first_copy * blocks + get_group_id(0) : ~0UL;
  if (get_local_id(0) == 0) {
    next[0] = core_here(lane);
    int none = next[0] >= CORES || (only != ANY && next[0] != only);
    next[1] = none ? ANY : atomic_inc(taken + next[0]);
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  uint core = next[0], block = next[1];
  barrier(CLK_LOCAL_MEM_FENCE);
  return block < blocks ? core * blocks + block : ~0UL;
}

KERNEL(ROW) void mix_compute(
    __global ulong* results, ulong words, ulong pattern, uint first_copy, __global uint* owners,
    uint lane, volatile __global uint* taken, uint only) {
  SHARED uint next[2];
  ulong blocks = (words + BLOCK - 1) / BLOCK, at;
  for (uint turn = 0;
       (at = next_block(blocks, first_copy, taken, only, turn, lane, next)) != ~0UL; ++turn) {
    ulong copy = at / blocks, block = at % blocks;
    compute(block_seed(KERNEL_NUMBER, pattern, block), get_local_id(0), BLOCK * block, words,
            results + copy * words);
    if (get_local_id(0) == 0) owners[at] = core_here(lane);
  }
}

KERNEL(ROW) void mix_copy(
    __global ulong* results, ulong words, __global const ulong* source, uint first_copy,
    __global uint* owners, uint lane, volatile __global uint* taken, uint only) {
  SHARED uint next[2];
  ulong blocks = (words + BLOCK - 1) / BLOCK, at;
  for (uint turn = 0;
       (at = next_block(blocks, first_copy, taken, only, turn, lane, next)) != ~0UL; ++turn) {
    ulong copy = at / blocks, block = at % blocks;
    for (uint item = get_local_id(0); item < BLOCK; item += ROW) {
      ulong i = BLOCK * block + item;
      if (i < words) results[copy * words + i] = source[i];
    }
    if (get_local_id(0) == 0) owners[at] = core_here(lane);
  }
}

// A group checks a block; what it finds is the computing core's. Cores that did not make a whole
// copy (`taken` tells, null: all did) have nothing that could be checked.
KERNEL(GROUP) void mix_check(
    __global const ulong* results, ulong words, __global const ulong* right, uint first_copy,
    __global const uint* owners, __global const uint* taken, volatile __global uint* tallies,
    __global ulong* records, __global ulong* digests, uint first_group, uint lane) {
  SHARED ulong scratch[GROUP];
  ulong blocks = (words + BLOCK - 1) / BLOCK, group = get_group_id(0);
  ulong copy = first_copy + group / blocks, block = group % blocks, digest = 0, wrong = 0;
  int made = taken == 0 || taken[copy] >= blocks;
  uint core = owners[copy * blocks + block];
  for (uint at = get_local_id(0); at < BLOCK; at += GROUP) {
    ulong i = BLOCK * block + at;
    if (i >= words || !made) break;
    ulong got = results[copy * words + i];
    digest += digest_term(got, i);
    if (got != right[i]) {
      ++wrong;
      record(tallies, records, i, right[i], got, copy, core);
    }
  }
  digest = group_sum(digest, scratch);
  wrong = group_sum(wrong, scratch);
  if (get_local_id(0) == 0) {
    digests[first_group + group] += digest;
    if (made) tally(tallies, core, wrong, 1);
    if (!made && block == 0) atomic_inc(tallies + 2);
  }
}
