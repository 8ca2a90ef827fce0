// SPDX-License-Identifier: Apache-2.0
// cuBLASLt, taken from its shared library at run time.
#pragma once

#include <cublasLt.h>

#include <string_view>

#include "core/error.h"

namespace rackproof::cuda {

#define RACKPROOF_CUBLASLT_CALLS(X)       \
  X(cublasLtCreate)                       \
  X(cublasLtDestroy)                      \
  X(cublasLtGetVersion)                   \
  X(cublasLtMatmulDescCreate)             \
  X(cublasLtMatmulDescDestroy)            \
  X(cublasLtMatmulDescSetAttribute)       \
  X(cublasLtMatrixLayoutCreate)           \
  X(cublasLtMatrixLayoutDestroy)          \
  X(cublasLtMatmulPreferenceCreate)       \
  X(cublasLtMatmulPreferenceDestroy)      \
  X(cublasLtMatmulPreferenceSetAttribute) \
  X(cublasLtMatmulAlgoGetHeuristic)       \
  X(cublasLtMatmulAlgoConfigGetAttribute) \
  X(cublasLtMatmulAlgoCapGetAttribute)    \
  X(cublasLtMatmul)

struct BlasApi {
#define RACKPROOF_CUBLASLT_MEMBER(name) decltype(&::name) name = nullptr;
  RACKPROOF_CUBLASLT_CALLS(RACKPROOF_CUBLASLT_MEMBER)
#undef RACKPROOF_CUBLASLT_MEMBER
};

/// The library of the header's major version, loaded once; an Error says why there is none.
[[nodiscard]] const Expected<BlasApi>& blas_api();

/// Throws DeviceError "cublasLtMatmul on cuda:0: CUBLAS_STATUS_EXECUTION_FAILED" unless it is
/// success.
void check(cublasStatus_t status, std::string_view call, std::string_view device);

}  // namespace rackproof::cuda
