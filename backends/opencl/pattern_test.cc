// SPDX-License-Identifier: Apache-2.0
// kernels/pattern.cl against core/oracle.h, word by word.
#include "backends/kernels/lanes.h"
#include "backends/opencl/device_under_test.h"

namespace rackproof::opencl {
namespace {

constexpr std::uint64_t kCases = 4096;
constexpr std::uint64_t kPattern = 0xfeedfacecafebeef;
enum Field : std::uint64_t {
  kWord,
  kStream,
  kTerm,
  kExact,
  kFp32,
  kFp64,
  kFold,
  kAdd,
  kProduct,
  kSigned,
  kFields
};

constexpr std::string_view kSource = R"(
__kernel void all_of_it(__global ulong* to, ulong pattern) {
  ulong i = get_global_id(0), word = pattern_word(pattern, i), other = mix64(word);
  __global ulong* f = to + 10 * i;
  f[0] = word;
  f[1] = stream_word(pattern, STREAM_COLUMN, i);
  f[2] = digest_term(word, i);
  f[3] = (ulong)exact_operand(word, 2 * (long)(i % 1000) + 1);
  f[4] = random_fp32(word);
  f[5] = random_fp64(word);
  f[6] = mod_fold(word);
  f[7] = mod_add(mod_fold(word), mod_fold(other));
  f[8] = mod_mul(mod_fold(word), mod_fold(other));
  f[9] = mod_from((long)word >> (i % 64));
})";

std::vector<std::uint64_t> on_device(const std::shared_ptr<Card>& card) {
  Lanes lanes(card);
  Kernel kernel(*card, source_of(*card, "", {kSource}, 1), "all_of_it");
  const Buffer buffer = card->buffer(kCases * kFields * 8);
  const Handle memory = buffer.get();
  kernel.set(0, memory, kPattern);
  lanes.start(0, kernel, kCases, 1);
  lanes.finish();
  std::vector<std::uint64_t> all(kCases * kFields);
  card->read(memory, 0, all.size() * 8, all.data());
  return all;
}

class OpenClPattern : public OnDevice {};
INSTANTIATE_TEST_SUITE_P(OpenCl, OpenClPattern, testing::Values(As::itself), name_of);

TEST_P(OpenClPattern, IsTheHostsWordByWord) {
  const auto all = on_device(card_with(traits_of(first_device()), kAllocatable));
  for (std::uint64_t i = 0; i < kCases; ++i) {
    const std::uint64_t* f = all.data() + kFields * i;
    const std::uint64_t word = pattern_word(kPattern, i), other = mix64(word);
    const auto bound = static_cast<std::int64_t>(2 * (i % 1000) + 1);
    ASSERT_EQ(f[kWord], word);
    ASSERT_EQ(f[kStream], stream_word(kPattern, Stream::column, i));
    ASSERT_EQ(f[kTerm], digest_term(word, i));
    ASSERT_EQ(static_cast<std::int64_t>(f[kExact]), exact_operand(word, bound));
    ASSERT_EQ(f[kFp32], std::bit_cast<std::uint32_t>(random_fp32(word)));
    ASSERT_EQ(f[kFp64], std::bit_cast<std::uint64_t>(random_fp64(word)));
    ASSERT_EQ(f[kFold], mod_reduce(word));
    ASSERT_EQ(f[kAdd], mod_reduce(static_cast<Wide>(mod_reduce(word)) + mod_reduce(other)));
    ASSERT_EQ(f[kProduct], mod_mul(mod_reduce(word), mod_reduce(other)));
    ASSERT_EQ(f[kSigned], mod_from(static_cast<std::int64_t>(word) >> (i % 64)));
  }
}

}  // namespace
}  // namespace rackproof::opencl
