// SPDX-License-Identifier: Apache-2.0
// c[m,n] = a[m,k] * b[k,n]: operands from the pattern, the product tile by tile, and its checks.
// Operands lie in memory as STORED, in their own width; results as Bits of the accumulator, with the
// sign that gemm_product.h tells of.
// The type is given as TYPE_bf16 and so on; number_formats.cc knows the same formats.

#if defined(TYPE_int8)
#define STORED uchar
#define INTEGER
#elif defined(TYPE_fp8_e4m3) || defined(TYPE_fp8_e5m2)
#define STORED uchar
#define NARROW
#ifdef TYPE_fp8_e4m3
#define CUT 3
#define EXPONENT 4
#define BIAS 7
#define INFINITE 0
#else
#define CUT 2
#define EXPONENT 5
#define BIAS 15
#define INFINITE 1
#endif
#elif defined(TYPE_fp16) || defined(TYPE_bf16)
#define STORED ushort
#define NARROW
#define INFINITE 1
#ifdef TYPE_fp16
#define CUT 10
#define EXPONENT 5
#define BIAS 15
#else
#define CUT 7
#define EXPONENT 8
#define BIAS 127
#endif
#elif defined(TYPE_tf32)
#define STORED uint
#define CUT 10
#elif defined(TYPE_fp32)
#define STORED uint
#define CUT 23
#else
#define STORED ulong
#define WIDE
#endif
#define MANTISSA CUT

#ifdef INTEGER

typedef int Number;
typedef uint Bits;
FUNCTION Bits bits_of(STORED raw) { return (uint)(int)(char)raw; }
FUNCTION Number number_of(STORED raw) { return (char)raw; }
FUNCTION STORED stored(Bits bits) { return (STORED)bits; }
FUNCTION Bits exact_bits(long value) { return (uint)(int)value; }
FUNCTION Bits random_bits(ulong word) { return 0; }
FUNCTION Bits result(Number sum) { return as_uint(sum); }
FUNCTION ulong residue_of(Bits bits) { return mod_from(as_int(bits)); }
FUNCTION Bits with_sign(Bits bits, uint sign) { return sign == 0 ? bits : 0 - bits; }

#else

FUNCTION ulong residue_of_hash(ulong bits) { return mod_fold(mix64(bits ^ DIGEST_SALT)); }

#ifdef WIDE
typedef double Number;
typedef ulong Bits;
FUNCTION Bits bits_of(STORED raw) { return raw; }
FUNCTION Number number_of(STORED raw) { return as_double(raw); }
FUNCTION STORED stored(Bits bits) { return bits; }
FUNCTION Bits exact_bits(long value) { return as_ulong((double)value); }
FUNCTION Bits random_bits(ulong word) { return random_fp64(word); }
FUNCTION Bits result(Number sum) { return as_ulong(sum); }
FUNCTION ulong residue_of(Bits bits) {
  double value = as_double(bits);
  if (fabs(value) <= 9007199254740992.0) {
    long whole = (long)value;
    if (as_ulong((double)whole) == bits) return mod_from(whole);
  }
  return residue_of_hash(bits);
}
#else
typedef float Number;
typedef uint Bits;
FUNCTION Bits exact_bits(long value) { return as_uint((float)value); }
FUNCTION Bits random_bits(ulong word) { return random_fp32(word) & ~((1u << (23 - CUT)) - 1); }
FUNCTION Bits result(Number sum) { return as_uint(sum); }
FUNCTION ulong residue_of(Bits bits) {
  float value = as_float(bits);
  if (fabs(value) <= 16777216.0f) {
    long whole = (long)value;
    if (as_uint((float)whole) == bits) return mod_from(whole);
  }
  return residue_of_hash(bits);
}
#ifdef NARROW
// Without branches, so that neighbours stay in step.
FUNCTION Bits bits_of(STORED raw) {
  uint sign = (uint)raw >> (MANTISSA + EXPONENT) << 31;
  uint exponent = raw >> MANTISSA & ((1u << EXPONENT) - 1);
  uint mantissa = raw & ((1u << MANTISSA) - 1);
  uint moved = mantissa << (23 - MANTISSA);
#if EXPONENT == 8
  return sign | exponent << 23 | moved;
#else
  uint special = exponent == (1u << EXPONENT) - 1;
#if !INFINITE
  special &= mantissa == (1u << MANTISSA) - 1;  // one NaN, and numbers
#endif
  uint normal = (exponent + 127 - BIAS) << 23 | moved;
  uint whole = as_uint((float)mantissa) - ((uint)(BIAS + MANTISSA - 1) << 23);
  uint subnormal = mantissa == 0 ? 0 : whole;
  uint number = exponent == 0 ? subnormal : normal;
  return sign | (special ? 0x7f800000u | moved : number);
#endif
}
// Of a value that the format holds, neither subnormal nor special: all operands are.
FUNCTION STORED stored(Bits bits) {
  uint sign = bits >> 31 << (MANTISSA + EXPONENT);
  if (bits << 1 == 0) return (STORED)sign;
  uint exponent = (bits >> 23 & 0xff) + BIAS - 127;
  return (STORED)(sign | exponent << MANTISSA | (bits & 0x7fffff) >> (23 - MANTISSA));
}
FUNCTION Number number_of(STORED raw) { return as_float(bits_of(raw)); }
#else
FUNCTION Bits bits_of(STORED raw) { return raw; }
FUNCTION Number number_of(STORED raw) { return as_float(raw); }
FUNCTION STORED stored(Bits bits) { return bits; }
#endif
#endif
#endif

#ifndef INTEGER
#define SIGN_BIT ((Bits)1 << (sizeof(Bits) * 8 - 1))
// Puts a sign (Sign of gemm_product.h) on bits, or takes it back.
FUNCTION Bits with_sign(Bits bits, uint sign) {
  if (sign == 0 || (sign == 2 && (bits & ~SIGN_BIT) == 0)) return bits;
  return bits ^ SIGN_BIT;
}
#endif

// One of the two matrices: how its elements follow from the pattern. `bound` 0: random numbers;
// `sparse`: one in each row, the rest +0.
FUNCTION Bits right_operand(ulong pattern, ulong stream, ulong columns, uint sparse, long bound, ulong i) {
  if (sparse && i % columns != stream_word(pattern, STREAM_COLUMN, i / columns) % columns) return 0;
  ulong word = stream_word(pattern, stream, i);
  return bound > 0 ? exact_bits(exact_operand(word, bound)) : random_bits(word);
}

// Which element lies at place q of a matrix that is stored column by column, `rows` to a column;
// 0: row by row.
FUNCTION ulong element_at(ulong q, ulong columns, ulong rows) {
  return rows == 0 ? q : q % rows * columns + q / rows;
}

// `start`: where the matrix begins among all operands.
KERNEL(GROUP) void place_operands(
    __global STORED* operands, ulong start, ulong first, ulong last, ulong pattern, ulong stream,
    ulong columns, ulong rows, uint sparse, long bound) {
  ulong end = part_last(first, last);
  for (ulong q = part_first(first, last) + get_local_id(0); q < end; q += GROUP) {
    ulong i = element_at(q, columns, rows);
    operands[start + q] = stored(right_operand(pattern, stream, columns, sparse, bound, i));
  }
}

KERNEL(GROUP) void check_operands(
    __global const STORED* operands, ulong start, ulong first, ulong last, ulong pattern,
    ulong stream, ulong columns, ulong rows, uint sparse, long bound, ulong first_element,
    volatile __global uint* tallies, __global ulong* records, __global ulong* digests,
    uint first_group, uint lane) {
  SHARED ulong scratch[GROUP];
  ulong end = part_last(first, last);
  uint core = core_here(lane), group = first_group + get_group_id(0);
  ulong digest = 0, wrong = 0;
  for (ulong q = part_first(first, last) + get_local_id(0); q < end; q += GROUP) {
    ulong i = element_at(q, columns, rows);
    Bits got = bits_of(operands[start + q]);
    Bits right = right_operand(pattern, stream, columns, sparse, bound, i);
    digest += digest_term(got, start + i);
    if (got != right) {
      ++wrong;
      record(tallies + 1, records + KEPT * FIELDS, first_element + start + i, right, got, 0, core);
    }
  }
  digest = group_sum(digest, scratch);
  wrong = group_sum(wrong, scratch);
  if (get_local_id(0) == 0) {
    digests[group] += digest;
    tally(tallies, core, wrong, 0);
  }
}

#define TILE 64
#define STEP 16
#define ACROSS 16

// For processors whose neighbouring items run in step: a group of ACROSS * ACROSS computes a tile,
// each item every ACROSS-th row and column of it.
KERNEL(ACROSS * ACROSS) void multiply(
    __global const STORED* operands, ulong start_b, __global Bits* c, uint m, uint n, uint k,
    uint first_tile, __global uint* owners, uint sign, uint lane) {
  SHARED Number ta[STEP][TILE + 1], tb[STEP][TILE];
  uint item = get_local_id(0), x = item % ACROSS, y = item / ACROSS;
  uint tile = first_tile + get_group_id(0), across = (n + TILE - 1) / TILE;
  uint row = tile / across * TILE, column = tile % across * TILE;
  Number sum[TILE / ACROSS][TILE / ACROSS];
  for (uint i = 0; i < TILE / ACROSS; ++i)
    for (uint j = 0; j < TILE / ACROSS; ++j) sum[i][j] = 0;
  for (uint p = 0; p < k; p += STEP) {
    for (uint e = item; e < TILE * STEP; e += ACROSS * ACROSS) {
      uint r = row + e / STEP, pa = p + e % STEP, pb = p + e / TILE, s = column + e % TILE;
      ta[e % STEP][e / STEP] =
          r < m && pa < k ? number_of(operands[(ulong)r * k + pa]) : (Number)0;
      tb[e / TILE][e % TILE] =
          s < n && pb < k ? number_of(operands[start_b + (ulong)pb * n + s]) : (Number)0;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint d = 0; d < STEP; ++d) {
      Number b[TILE / ACROSS];
      for (uint j = 0; j < TILE / ACROSS; ++j) b[j] = tb[d][x + j * ACROSS];
      for (uint i = 0; i < TILE / ACROSS; ++i) {
        Number a = ta[d][y + i * ACROSS];
        for (uint j = 0; j < TILE / ACROSS; ++j) sum[i][j] += a * b[j];
      }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  for (uint i = 0; i < TILE / ACROSS; ++i) {
    for (uint j = 0; j < TILE / ACROSS; ++j) {
      uint r = row + y + i * ACROSS, s = column + x + j * ACROSS;
      if (r < m && s < n) c[(ulong)r * n + s] = with_sign(result(sum[i][j]), sign);
    }
  }
  if (item == 0) owners[tile] = core_here(lane);
}

#ifndef __CUDACC__
// For processors whose items run one after the other: one item computes a tile, some rows at a
// time, and its innermost loop is along a row.
#define ROWS 4
KERNEL(1) void multiply_in_order(
    __global const STORED* restrict operands, ulong start_b, __global Bits* restrict c, uint m,
    uint n, uint k, uint first_tile, __global uint* restrict owners, uint sign, uint lane) {
  uint tile = first_tile + get_group_id(0), across = (n + TILE - 1) / TILE;
  uint row = tile / across * TILE, column = tile % across * TILE;
  uint last_row = min(row + TILE, m), width = min((uint)TILE, n - column);
  for (uint first = row; first < last_row; first += ROWS) {
    Number sum[ROWS][TILE];
    for (uint i = 0; i < ROWS; ++i)
      for (uint j = 0; j < TILE; ++j) sum[i][j] = 0;
    for (uint p = 0; p < k; ++p) {
      Number b[TILE];
      __global const STORED* from = operands + start_b + (ulong)p * n + column;
      if (width == TILE) {
        for (uint j = 0; j < TILE; ++j) b[j] = number_of(from[j]);
      } else {
        for (uint j = 0; j < TILE; ++j) b[j] = j < width ? number_of(from[j]) : (Number)0;
      }
      for (uint i = 0; i < ROWS; ++i) {
        Number a = number_of(operands[(ulong)min(first + i, m - 1) * k + p]);
        for (uint j = 0; j < TILE; ++j) sum[i][j] += a * b[j];
      }
    }
    for (uint i = 0; i < ROWS && first + i < last_row; ++i)
      for (uint j = 0; j < width; ++j)
        c[(ulong)(first + i) * n + column + j] = with_sign(result(sum[i][j]), sign);
  }
  owners[tile] = core_here(lane);
}
#endif

// A group compares a tile, bit for bit, with what is right once `sign` is put on it; what it finds
// is the computing core's, where that is known. The digest is of what was got, the sign taken back.
KERNEL(GROUP) void compare(
    __global const Bits* got, __global const Bits* right, uint m, uint n, uint first_tile,
    uint sign, __global const uint* owners, volatile __global uint* tallies, __global ulong* records,
    __global ulong* digests, uint first_group, uint lane) {
  SHARED ulong scratch[GROUP];
  uint tile = first_tile + get_group_id(0), across = (n + TILE - 1) / TILE;
  uint row = tile / across * TILE, column = tile % across * TILE;
  uint rows = min((uint)TILE, m - row), columns = min((uint)TILE, n - column);
  Findings found = {tallies, records, min(owners[tile], (uint)CORES), tile, 0, 0};
  for (uint e = get_local_id(0); e < TILE * TILE; e += AHEAD * GROUP) {
    Bits here[AHEAD], there[AHEAD];
    for (uint j = 0; j < AHEAD; ++j) {
      uint i = (e + j * GROUP) / TILE, s = (e + j * GROUP) % TILE;
      ulong element = (ulong)(row + i) * n + column + s;
      here[j] = i < rows && s < columns ? got[element] : (Bits)0;
      there[j] = i < rows && s < columns ? right[element] : (Bits)0;
    }
    for (uint j = 0; j < AHEAD; ++j) {
      uint i = (e + j * GROUP) / TILE, s = (e + j * GROUP) % TILE;
      ulong element = (ulong)(row + i) * n + column + s;
      if (i < rows && s < columns) {
        found.digest += digest_term(with_sign(here[j], sign), element);
        judge(&found, element, with_sign(there[j], sign), here[j]);
      }
    }
  }
  ulong digest = group_sum(found.digest, scratch), wrong = group_sum(found.wrong, scratch);
  if (get_local_id(0) == 0) {
    digests[first_group + get_group_id(0)] += digest;
    tally(tallies, found.core, wrong, 1);
  }
}

// A copy with the sign taken back.
KERNEL(GROUP) void take_elements(
    __global const Bits* elements, __global Bits* to, ulong first, ulong last, uint sign) {
  ulong end = part_last(first, last);
  for (ulong i = part_first(first, last) + get_local_id(0); i < end; i += GROUP)
    to[i] = with_sign(elements[i], sign);
}

KERNEL(GROUP) void digest_elements(
    __global const Bits* elements, ulong first, ulong last, uint sign, __global ulong* digests,
    uint first_group) {
  SHARED ulong scratch[GROUP];
  ulong end = part_last(first, last), digest = 0;
  for (ulong i = part_first(first, last) + get_local_id(0); i < end; i += GROUP)
    digest += digest_term(with_sign(elements[i], sign), i);
  digest = group_sum(digest, scratch);
  if (get_local_id(0) == 0) digests[first_group + get_group_id(0)] += digest;
}

// A group computes one row of c times v, modulo 2^61 - 1.
KERNEL(GROUP) void row_residues(
    __global const Bits* c, uint n, uint first_row, uint sign, __global const ulong* v,
    __global ulong* residues) {
  SHARED ulong scratch[GROUP];
  uint row = first_row + get_group_id(0), item = get_local_id(0);
  ulong sum = 0;
  for (uint j = item; j < n; j += GROUP)
    sum = mod_add(sum, mod_mul(residue_of(with_sign(c[(ulong)row * n + j], sign)), v[j]));
  scratch[item] = sum;
  barrier(CLK_LOCAL_MEM_FENCE);
  if (item != 0) return;
  for (uint other = 1; other < GROUP; ++other) sum = mod_add(sum, scratch[other]);
  residues[row] = sum;
}
