// SPDX-License-Identifier: Apache-2.0
// A libcublasLt.so.13 for tests with fake_cuda.cpp, whose device memory is the host's: the one
// product that backends/cuda asks for, element by element. RACKPROOF_FAKE_CUBLASLT="wrong": its
// element 5 is off by one bit; "nothing_right": all are; "none": it supports nothing; "invalid":
// the same, in another's words; "lose": products are not written; "plain": alpha is refused unless
// it is 1; "add_zero": +0 is added to them, as by a beta of 0; "emulates": fp64 is computed by
// integer units; "without_tf32": fp32's units compute tf32. What the real one asks of types, sizes,
// alignment, workspace and algorithm, it asks too. Never linked, never installed.
#include <cublasLt.h>
#include <cuda.h>
#include <dlfcn.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

struct cublasLtContext {};

namespace {

bool asked_to(const char* what) {
  const char* asked = std::getenv("RACKPROOF_FAKE_CUBLASLT");
  return asked != nullptr && std::string(asked) == what;
}

struct Layout {
  cudaDataType type;
  std::uint64_t rows, columns;
};
// How products are summed, and, of 4-bit operands, where each has its scales, of which all are the
// first.
struct Description {
  cublasComputeType_t compute;
  cudaDataType_t factor;
  bool transposed;
  std::int32_t mode_a, mode_b;
  const unsigned char *a, *b;
};
Description& of(cublasLtMatmulDesc_t product) { return *reinterpret_cast<Description*>(product); }

Layout& of(cublasLtMatrixLayout_t layout) { return *reinterpret_cast<Layout*>(layout); }

// Source: cuBLAS 13.0, the tables of cublasLtMatmul().
bool has_types(const Description& product, cudaDataType_t in, cudaDataType_t out) {
  if (in == CUDA_R_8I)
    return product.compute == CUBLAS_COMPUTE_32I && product.factor == CUDA_R_32I &&
           out == CUDA_R_32I;
  if (in == CUDA_R_64F)
    return product.compute == CUBLAS_COMPUTE_64F && product.factor == CUDA_R_64F &&
           out == CUDA_R_64F;
  const bool tf32 = in == CUDA_R_32F && product.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  return (tf32 || product.compute == CUBLAS_COMPUTE_32F) && product.factor == CUDA_R_32F &&
         out == CUDA_R_32F;
}
// Elements that lines are multiples of: 16 bytes of operands.
std::uint64_t unit_of(cudaDataType_t in) {
  if (in == CUDA_R_4F_E2M1) return 32;
  return in == CUDA_R_8F_E4M3 || in == CUDA_R_8F_E5M2 ? 16 : 4;
}
bool is_aligned(const void* at) { return reinterpret_cast<std::uintptr_t>(at) % 256 == 0; }

constexpr std::uint64_t kOurs = 0x5ac0c0de;    // in algorithms that the heuristic gave
constexpr std::size_t kWorkspace = 32U << 20;  // what they ask for

// IEEE-like formats of at most 16 bits, and OCP's e4m3.
float narrow(std::uint32_t raw, unsigned mantissa, unsigned exponent) {
  const std::uint32_t sign = raw >> (mantissa + exponent) & 1;
  const std::uint32_t power = raw >> mantissa & ((1U << exponent) - 1);
  const std::uint32_t rest = raw & ((1U << mantissa) - 1);
  const int bias = (1 << (exponent - 1)) - 1;
  const float fraction = static_cast<float>(rest) / static_cast<float>(1U << mantissa);
  const float value = power == 0 ? std::ldexp(fraction, 1 - bias)
                                 : std::ldexp(1 + fraction, static_cast<int>(power) - bias);
  return sign != 0 ? -value : value;
}

// OCP's e2m1, two to a byte, the first below.
double nibble(const unsigned char* bytes, std::uint64_t i) {
  constexpr double kMagnitudes[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  const unsigned code = bytes[i / 2] >> (4 * (i % 2)) & 15;
  return code >= 8 ? -kMagnitudes[code - 8] : kMagnitudes[code];
}

double element(const void* matrix, cudaDataType type, std::uint64_t i) {
  const auto* bytes = static_cast<const unsigned char*>(matrix);
  std::uint16_t half = 0;
  switch (type) {
    case CUDA_R_8I:
      return static_cast<signed char>(bytes[i]);
    case CUDA_R_4F_E2M1:
      return nibble(bytes, i);
    case CUDA_R_8F_E4M3:
      return narrow(bytes[i], 3, 4);
    case CUDA_R_16F:
      std::memcpy(&half, bytes + 2 * i, 2);
      return narrow(half, 10, 5);
    case CUDA_R_16BF:
      std::memcpy(&half, bytes + 2 * i, 2);
      return narrow(half, 7, 8);
    case CUDA_R_32F: {
      float value = 0;
      std::memcpy(&value, bytes + 4 * i, 4);
      return static_cast<double>(value);
    }
    default: {
      double value = 0;
      std::memcpy(&value, bytes + 8 * i, 8);
      return value;
    }
  }
}

// Lines lie one behind the other.
std::vector<double> numbers(const void* matrix, const Layout& layout) {
  std::vector<double> all(layout.rows * layout.columns);
  for (std::uint64_t i = 0; i < all.size(); ++i) all[i] = element(matrix, layout.type, i);
  return all;
}

void put(void* matrix, cudaDataType type, std::uint64_t i, double value) {
  auto* bytes = static_cast<unsigned char*>(matrix);
  const auto whole = static_cast<std::int32_t>(type == CUDA_R_32I ? value : 0);
  const auto single = static_cast<float>(value);
  if (type == CUDA_R_32I) std::memcpy(bytes + 4 * i, &whole, 4);
  if (type == CUDA_R_32F) std::memcpy(bytes + 4 * i, &single, 4);
  if (type == CUDA_R_64F) std::memcpy(bytes + 8 * i, &value, 8);
}

double factor(const void* alpha, cudaDataType result) {
  if (result == CUDA_R_32I) return *static_cast<const std::int32_t*>(alpha);
  if (result == CUDA_R_64F) return *static_cast<const double*>(alpha);
  return static_cast<double>(*static_cast<const float*>(alpha));
}

std::uint64_t arithmetic_of(const Description& product, cudaDataType_t in) {
  if (in == CUDA_R_64F) {
    return CUBLASLT_NUMERICAL_IMPL_FLAGS_ACCUMULATOR_64F |
           (asked_to("emulates") ? CUBLASLT_NUMERICAL_IMPL_FLAGS_IMMA
                                 : CUBLASLT_NUMERICAL_IMPL_FLAGS_DMMA);
  }
  if (in == CUDA_R_8I)
    return CUBLASLT_NUMERICAL_IMPL_FLAGS_IMMA | CUBLASLT_NUMERICAL_IMPL_FLAGS_ACCUMULATOR_32I;
  const bool plain =
      in == CUDA_R_32F && (product.compute == CUBLAS_COMPUTE_32F || asked_to("without_tf32"));
  return CUBLASLT_NUMERICAL_IMPL_FLAGS_ACCUMULATOR_32F |
         (plain ? CUBLASLT_NUMERICAL_IMPL_FLAGS_FMA : CUBLASLT_NUMERICAL_IMPL_FLAGS_HMMA);
}

struct Product {
  const void *a, *b;
  void* d;
  Layout first, second, result;
  double times, plus;  // the factor of the product, and what is added to it
};

void multiply(const Product& of) {
  const std::vector<double> x = numbers(of.a, of.first), y = numbers(of.b, of.second);
  const std::uint64_t k = of.first.rows;
  for (std::uint64_t column = 0; column < of.result.columns; ++column) {
    for (std::uint64_t row = 0; row < of.result.rows; ++row) {
      double sum = 0;
      for (std::uint64_t p = 0; p < k; ++p) sum += x[row * k + p] * y[column * k + p];
      put(of.d, of.result.type, row + column * of.result.rows, of.times * sum + of.plus);
    }
  }
  if (asked_to("wrong")) static_cast<unsigned char*>(of.d)[5 * 4] ^= 1;
  for (std::uint64_t i = 0; asked_to("nothing_right") && i < of.result.rows * of.result.columns;
       ++i)
    static_cast<unsigned char*>(of.d)[i * 4] ^= 1;
}

// The fake driver's streams.
using Work = std::function<CUresult()>;
CUresult enqueue(const char* call, cudaStream_t stream, const Work* work) {
  static const auto found = reinterpret_cast<CUresult (*)(const char*, CUstream, const Work*)>(
      dlsym(dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD), "rackproof_fake_enqueue"));
  return found == nullptr ? (*work)() : found(call, stream, work);
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  static cublasLtContext context;
  *handle = &context;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t) { return CUBLAS_STATUS_SUCCESS; }
std::size_t cublasLtGetVersion() { return 130000; }
cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* made, cublasComputeType_t compute,
                                        cudaDataType_t factor) {
  *made = new cublasLtMatmulDescOpaque_t{};
  of(*made).compute = compute;
  of(*made).factor = factor;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t made) {
  delete made;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t product,
                                              cublasLtMatmulDescAttributes_t what, const void* to,
                                              std::size_t size) {
  static_assert(sizeof(Description) <= sizeof(cublasLtMatmulDescOpaque_t));
  Description& scaling = of(product);
  const auto keep = [&](auto& part) {
    if (size != sizeof part) return CUBLAS_STATUS_INVALID_VALUE;
    std::memcpy(&part, to, size);
    return CUBLAS_STATUS_SUCCESS;
  };
  if (what == CUBLASLT_MATMUL_DESC_A_SCALE_MODE) return keep(scaling.mode_a);
  if (what == CUBLASLT_MATMUL_DESC_B_SCALE_MODE) return keep(scaling.mode_b);
  if (what == CUBLASLT_MATMUL_DESC_A_SCALE_POINTER) return keep(scaling.a);
  if (what == CUBLASLT_MATMUL_DESC_B_SCALE_POINTER) return keep(scaling.b);
  const bool expected = what == CUBLASLT_MATMUL_DESC_TRANSA && size == sizeof(int) &&
                        *static_cast<const int*>(to) == CUBLAS_OP_T;
  scaling.transposed = expected;
  return expected ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}
cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* made, cudaDataType type,
                                          std::uint64_t rows, std::uint64_t columns,
                                          std::int64_t line) {
  *made = new cublasLtMatrixLayoutOpaque_t{};
  static_assert(sizeof(Layout) <= sizeof(cublasLtMatrixLayoutOpaque_t));
  of(*made) = {type, rows, columns};
  const bool dense = line == static_cast<std::int64_t>(rows);
  return dense ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t made) {
  delete made;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* made) {
  *made = new cublasLtMatmulPreferenceOpaque_t{};
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t made) {
  delete made;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t,
                                                    cublasLtMatmulPreferenceAttributes_t what,
                                                    const void* to, std::size_t size) {
  std::uint64_t bytes = 0;
  if (what == CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK && size == 4) return CUBLAS_STATUS_SUCCESS;
  if (what != CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES || size != sizeof bytes)
    return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(&bytes, to, size);
  return bytes >= kWorkspace ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t product,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t, int,
                                              cublasLtMatmulHeuristicResult_t* results,
                                              int* found) {
  *found = 0;
  const bool scaled = of(product).mode_a == CUBLASLT_MATMUL_MATRIX_SCALE_VEC16_UE4M3 &&
                      of(product).mode_b == CUBLASLT_MATMUL_MATRIX_SCALE_VEC16_UE4M3;
  if (asked_to("invalid")) return CUBLAS_STATUS_INVALID_VALUE;
  if (asked_to("none") || of(a).type == CUDA_R_8F_E5M2 || (of(a).type == CUDA_R_4F_E2M1) != scaled)
    return CUBLAS_STATUS_NOT_SUPPORTED;
  const std::uint64_t unit = unit_of(of(a).type);
  if (!of(product).transposed || !has_types(of(product), of(a).type, of(d).type) ||
      of(b).type != of(a).type || of(a).rows % unit != 0 || of(d).rows % unit != 0)
    return CUBLAS_STATUS_NOT_SUPPORTED;
  for (; *found < 2; ++*found) {
    results[*found] = {};
    results[*found].state = CUBLAS_STATUS_SUCCESS;
    results[*found].workspaceSize = kWorkspace;
    results[*found].algo.data[0] = kOurs;
    results[*found].algo.data[1] = arithmetic_of(of(product), of(a).type);
  }
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulAlgoCapGetAttribute(const cublasLtMatmulAlgo_t* algorithm,
                                                 cublasLtMatmulAlgoCapAttributes_t what,
                                                 void* value, std::size_t size,
                                                 std::size_t* written) {
  if (what != CUBLASLT_ALGO_CAP_NUMERICAL_IMPL_FLAGS || size != 8)
    return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(value, &algorithm->data[1], size);
  *written = size;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t*,
                                                    cublasLtMatmulAlgoConfigAttributes_t,
                                                    void* value, std::size_t size,
                                                    std::size_t* written) {
  std::memset(value, 0, size);
  *written = size;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t description, const void* alpha,
                              const void* a, cublasLtMatrixLayout_t a_layout, const void* b,
                              cublasLtMatrixLayout_t b_layout, const void*, const void*,
                              cublasLtMatrixLayout_t, void* d, cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t* algorithm, void* workspace,
                              std::size_t workspace_size, cudaStream_t stream) {
  const Description& scaling = of(description);
  if (algorithm == nullptr || algorithm->data[0] != kOurs || workspace_size < kWorkspace)
    return CUBLAS_STATUS_INVALID_VALUE;
  for (const void* at : {a, b, static_cast<const void*>(d), static_cast<const void*>(workspace)}) {
    if (at == nullptr || !is_aligned(at)) return CUBLAS_STATUS_INVALID_VALUE;
  }
  const double scale = of(a_layout).type == CUDA_R_4F_E2M1
                           ? static_cast<double>(narrow(*scaling.a, 3, 4)) *
                                 static_cast<double>(narrow(*scaling.b, 3, 4))
                           : 1;
  const double times = factor(alpha, of(d_layout).type) * scale;
  if (asked_to("plain") && times != scale) return CUBLAS_STATUS_NOT_SUPPORTED;
  const double plus = asked_to("add_zero") ? 0.0 : -0.0;
  const Product product{a, b, d, of(a_layout), of(b_layout), of(d_layout), times, plus};
  const Work work = [=] {
    if (!asked_to("lose")) multiply(product);
    return CUDA_SUCCESS;
  };
  return enqueue("cublasLtMatmul", stream, &work) == CUDA_SUCCESS ? CUBLAS_STATUS_SUCCESS
                                                                  : CUBLAS_STATUS_EXECUTION_FAILED;
}

}  // extern "C"
#pragma GCC visibility pop
