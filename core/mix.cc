// SPDX-License-Identifier: Apache-2.0
#include "core/mix.h"

#include "core/mix_chains.h"

namespace rackproof {
namespace {

using Block = void (*)(std::uint64_t seed, std::uint64_t* block);

Block block_of(MixKernel kernel) {
  switch (kernel) {
    case MixKernel::fma_fp32:
      return mix::fma_fp32_block;
    case MixKernel::fma_fp64:
      return mix::fma_fp64_block;
    case MixKernel::multiply:
      return mix::multiply_block;
    case MixKernel::permute:
      return mix::permute_block;
    case MixKernel::aes:
      return mix::aes_block;
    case MixKernel::sha256:
      return mix::sha256_block;
    case MixKernel::crc32c:
      return mix::crc32c_block;
    case MixKernel::compress:
      return mix::compress_content;
    case MixKernel::matrix:
      return mix::matrix_block;
    case MixKernel::copy:
      break;
  }
  return mix::copy_content;
}

}  // namespace

void mix_block(MixKernel kernel, std::uint64_t pattern, std::uint64_t block, std::uint64_t* words) {
  block_of(kernel)(mix::block_seed(kernel, pattern, block), words);
}

std::vector<std::uint64_t> mix_words(MixKernel kernel, std::uint64_t words, std::uint64_t pattern) {
  const std::uint64_t blocks = (words + kMixBlock - 1) / kMixBlock;
  std::vector<std::uint64_t> right(blocks * kMixBlock);
  for (std::uint64_t b = 0; b < blocks; ++b)
    mix_block(kernel, pattern, b, right.data() + b * kMixBlock);
  right.resize(words);
  return right;
}

}  // namespace rackproof
