// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/mix_oracle.h"

#include "backends/cpu/mix_kernels.h"
#include "backends/cpu/mix_scratch.h"
#include "core/mix.h"
#include "core/oracle.h"

namespace rackproof::cpu {

MixAnswer mix_answer(const Mix& mix, std::uint64_t pattern) {
  MixAnswer answer{mix_words(mix.kernel, mix.words, pattern), {}};
  if (mix.kernel != MixKernel::compress) return answer;
  const auto worker = make_mix_compressor(mix.words);
  const auto back = scratch<std::uint64_t>(mix.words);
  worker->make({pattern, answer.words, back.get()});
  answer.packed.assign(worker->packed().begin(), worker->packed().end());
  return answer;
}

const MixAnswer& MixOracle::right(std::uint64_t pattern) {
  if (pattern_ != pattern) vote(pattern);
  pattern_ = pattern;
  return right_;
}

// With two cores the first of them decides, when asked again; with one there is nobody to ask.
void MixOracle::vote(std::uint64_t pattern) {
  const auto first = static_cast<unsigned>(mix64(pattern) % cores_);
  const unsigned second = (first + 1) % cores_;
  if (cores_ == 1) {
    right_ = std::move(on_cores_({first}, pattern).at(0));
    return;
  }
  std::vector<MixAnswer> two = on_cores_({first, second}, pattern);
  if (two[0] != two[1]) {
    const MixAnswer third = std::move(on_cores_({(first + 2) % cores_}, pattern).at(0));
    for (const std::size_t i : {0, 1}) {
      if (two[i] != third) outvoted_.push_back({i == 0 ? first : second, two[i]});
    }
    two[0] = third;
  }
  right_ = std::move(two[0]);
}

}  // namespace rackproof::cpu
