// SPDX-License-Identifier: Apache-2.0
// The files of kernels/, as the build embeds them.
#pragma once

#include <string_view>

namespace rackproof::embedded {

extern const std::string_view kernels_dialect, kernels_pattern, kernels_ledger, kernels_fold,
    kernels_words, kernels_triad, kernels_gemm, kernels_mix, kernels_reduce;

}  // namespace rackproof::embedded
