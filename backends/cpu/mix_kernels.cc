// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/mix_kernels.h"

#include <fmt/format.h>

#include "core/mix_chains.h"

namespace rackproof::cpu {
namespace {

class Computer : public MixWorker {
 public:
  Computer(MixKernel kernel, MixBlock block) : kernel_(kernel), block_(block) {}
  void make(const MixJob& job) override {
    for (std::uint64_t b = 0; b < job.right.size() / kMixBlock; ++b)
      block_(mix::block_seed(kernel_, job.pattern, b), job.out + b * kMixBlock);
  }

 private:
  MixKernel kernel_;
  MixBlock block_;
};

struct Needs {
  MixBlock block = nullptr;
  const char* instructions = "";
};

Needs needs_of(MixKernel kernel) {
  switch (kernel) {
    case MixKernel::fma_fp32:
      return {mix_vector_kernels().fma_fp32, "FMA"};
    case MixKernel::fma_fp64:
      return {mix_vector_kernels().fma_fp64, "FMA"};
    case MixKernel::multiply:
      return {mix_vector_kernels().multiply, "vector"};
    case MixKernel::permute:
      return {mix_vector_kernels().permute, "byte shuffling"};
    case MixKernel::aes:
      return {mix_aes_kernel(), "AES"};
    case MixKernel::sha256:
      return {mix_sha256_kernel(), "SHA-256"};
    case MixKernel::crc32c:
      return {mix_crc32c_kernel(), "CRC-32C"};
    case MixKernel::matrix:
      return {mix_matrix_kernel(), "FMA"};
    case MixKernel::compress:
    case MixKernel::copy:
      break;
  }
  return {};
}

std::unique_ptr<MixWorker> make_computer(MixKernel kernel, std::uint64_t) {
  return std::make_unique<Computer>(kernel, needs_of(kernel).block);
}

}  // namespace

Expected<MakeMixWorker> mix_worker_maker(MixKernel kernel) {
  if (kernel == MixKernel::copy)
    return [](MixKernel, std::uint64_t words) { return make_mix_copier(words); };
  if (kernel == MixKernel::compress)
    return [](MixKernel, std::uint64_t words) { return make_mix_compressor(words); };
  const Needs needs = needs_of(kernel);
  if (needs.block != nullptr) return make_computer;
  return fail(fmt::format("this CPU has no {} instructions", needs.instructions));
}

}  // namespace rackproof::cpu
