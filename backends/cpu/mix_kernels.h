// SPDX-License-Identifier: Apache-2.0
// The kernels of Mix with this CPU's own instructions; what they compute is in core/mix_chains.h.
// Nothing here falls back to other instructions: what the CPU lacks is refused with the reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/error.h"
#include "core/workload.h"

namespace rackproof::cpu {

/// Makes one block of kMixBlock words, aligned to 64 bytes.
using MixBlock = void (*)(std::uint64_t seed, std::uint64_t* block);

/// For the best instruction set of this CPU; null: it lacks the instructions.
struct MixVectorKernels {
  MixBlock fma_fp32 = nullptr, fma_fp64 = nullptr, multiply = nullptr, permute = nullptr;
};
[[nodiscard]] MixVectorKernels mix_vector_kernels();
[[nodiscard]] MixBlock mix_aes_kernel();
[[nodiscard]] MixBlock mix_sha256_kernel();
[[nodiscard]] MixBlock mix_crc32c_kernel();
[[nodiscard]] MixBlock mix_matrix_kernel();

/// What one core works on in one iteration.
struct MixJob {
  std::uint64_t pattern = 0;
  std::span<const std::uint64_t> right;  ///< what is moved where nothing is computed
  std::uint64_t* out = nullptr;          ///< right.size() words, aligned to 64 bytes
};

/// One core's way to make its words, with scratch memory of its own.
class MixWorker {
 public:
  virtual ~MixWorker() = default;
  virtual void make(const MixJob& job) = 0;
  /// What came out on the way (compressed data) and must be the same on every core, padded with
  /// zeros to whole words; empty: nothing.
  [[nodiscard]] virtual std::span<const std::uint64_t> packed() const { return {}; }
};

/// A maker of workers for `words` words, a multiple of kMixBlock; the Error says which instructions
/// this CPU lacks.
using MakeMixWorker = std::unique_ptr<MixWorker> (*)(MixKernel kernel, std::uint64_t words);
[[nodiscard]] Expected<MakeMixWorker> mix_worker_maker(MixKernel kernel);

[[nodiscard]] std::unique_ptr<MixWorker> make_mix_copier(std::uint64_t words);
[[nodiscard]] std::unique_ptr<MixWorker> make_mix_compressor(std::uint64_t words);

}  // namespace rackproof::cpu
