// SPDX-License-Identifier: Apache-2.0
#include "backends/cuda/blas.h"

#include <fmt/format.h>

#include "backends/cuda/library.h"

namespace rackproof::cuda {
namespace {

std::string library_file() { return fmt::format("libcublasLt.so.{}", CUBLAS_VER_MAJOR); }

Expected<BlasApi> load() {
  const auto handle = open_library(library_file());
  if (!handle) return fail("no matrix product without cuBLASLt: " + handle.error().message);
  BlasApi api;
#define RACKPROOF_CUBLASLT_FIND(name)           \
  if (!find_function(*handle, #name, api.name)) \
    return fail(fmt::format("{} lacks {}", library_file(), #name));
  RACKPROOF_CUBLASLT_CALLS(RACKPROOF_CUBLASLT_FIND)
#undef RACKPROOF_CUBLASLT_FIND
  return api;
}

// Source of the numbers: cublas_api.h.
std::string status_text(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_ALLOC_FAILED:
      return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_ARCH_MISMATCH:
      return "CUBLAS_STATUS_ARCH_MISMATCH";
    case CUBLAS_STATUS_MAPPING_ERROR:
      return "CUBLAS_STATUS_MAPPING_ERROR";
    case CUBLAS_STATUS_EXECUTION_FAILED:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_INTERNAL_ERROR:
      return "CUBLAS_STATUS_INTERNAL_ERROR";
    case CUBLAS_STATUS_NOT_SUPPORTED:
      return "CUBLAS_STATUS_NOT_SUPPORTED";
    default:
      return fmt::format("cuBLAS status {}", static_cast<int>(status));
  }
}

}  // namespace

const Expected<BlasApi>& blas_api() {
  static const Expected<BlasApi> loaded = load();
  return loaded;
}

void check(cublasStatus_t status, std::string_view call, std::string_view device) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw DeviceError(fmt::format("{} on {}: {}", call, device, status_text(status)));
}

}  // namespace rackproof::cuda
