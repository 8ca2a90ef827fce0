// SPDX-License-Identifier: Apache-2.0
// core/oracle.h in OpenCL C: the same operands, digests and residues, bit for bit.

#define GOLDEN_RATIO 0x9e3779b97f4a7c15UL
#define DIGEST_SALT 0xa0761d6478bd642fUL
#define PRIME ((1UL << 61) - 1)

enum { STREAM_A = 0x61, STREAM_B = 0x62, STREAM_COLUMN = 0x63, STREAM_V = 0x76 };

FUNCTION ulong mix64(ulong x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9UL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebUL;
  return x ^ (x >> 31);
}

FUNCTION ulong pattern_word(ulong pattern, ulong index) {
  return mix64(pattern + (index + 1) * GOLDEN_RATIO);
}

FUNCTION ulong stream_pattern(ulong pattern, ulong stream) {
  return pattern ^ (stream * 0xd1b54a32d192ed03UL);
}

FUNCTION ulong stream_word(ulong pattern, ulong stream, ulong index) {
  return pattern_word(stream_pattern(pattern, stream), index);
}

FUNCTION ulong digest_term(ulong word, ulong index) { return (word ^ word >> 33 ^ DIGEST_SALT) * (2 * index + 1); }

FUNCTION long exact_operand(ulong word, long bound) {
  ulong count = (ulong)bound + 1;
  return 2 * (long)(((word >> 32) * count) >> 32) - bound;
}

// The bits of random_fp32 and random_fp64.
FUNCTION uint random_fp32(ulong word) {
  uint exponent = 127 - 2 + (uint)(word >> 61) % 3;
  return (uint)(word >> 32 & 0x80000000u) | exponent << 23 | (uint)(word & 0x7fffffu);
}
FUNCTION ulong random_fp64(ulong word) {
  ulong exponent = 1023 - 2 + (word >> 61) % 3;
  return (word << 4 & 0x8000000000000000UL) | exponent << 52 | (word & 0xfffffffffffffUL);
}

// Modulo 2^61 - 1.
FUNCTION ulong mod_fold(ulong x) {
  ulong r = (x & PRIME) + (x >> 61);
  return r >= PRIME ? r - PRIME : r;
}
FUNCTION ulong mod_add(ulong a, ulong b) { return mod_fold(a + b); }
FUNCTION ulong mod_mul(ulong a, ulong b) {
  ulong high = mul_hi(a, b), low = a * b;
  return mod_fold((low & PRIME) + (high << 3 | low >> 61));
}
FUNCTION ulong mod_from(long value) {
  return value >= 0 ? mod_fold((ulong)value) : mod_fold(PRIME - mod_fold((ulong)(-(value + 1)) + 1));
}
