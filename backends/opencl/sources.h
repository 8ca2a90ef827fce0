// SPDX-License-Identifier: Apache-2.0
// The files of kernels/, as the build embeds them.
#pragma once

#include <string_view>

namespace rackproof::embedded {

extern const std::string_view opencl_pattern, opencl_ledger, opencl_words, opencl_triad,
    opencl_gemm, opencl_mix;

}  // namespace rackproof::embedded
