// SPDX-License-Identifier: Apache-2.0
#include "backends/cuda/multiplier.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "backends/cuda/blas.h"
#include "backends/kernels/card.h"
#include "core/device.h"

namespace rackproof::cuda {
namespace {

using kernels::Problem;

constexpr std::uint64_t kWorkspaceBytes = 64ULL << 20;
constexpr int kAlgorithms = 16, kTimed = 3;
constexpr std::uint64_t kAligned = 16;     // elements: what the fast algorithms ask of rows
constexpr std::uint64_t kAlignedFp4 = 32;  // 16 bytes of them

struct Types {
  cudaDataType_t in, out, scale;
  cublasComputeType_t compute;
};

std::optional<Types> types_of(DType in) {
  switch (in) {
    case DType::i8:
      return Types{CUDA_R_8I, CUDA_R_32I, CUDA_R_32I, CUBLAS_COMPUTE_32I};
    case DType::fp4_e2m1:
      return Types{CUDA_R_4F_E2M1, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case DType::fp8_e4m3:
      return Types{CUDA_R_8F_E4M3, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case DType::fp8_e5m2:
      return Types{CUDA_R_8F_E5M2, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case DType::fp16:
      return Types{CUDA_R_16F, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case DType::bf16:
      return Types{CUDA_R_16BF, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case DType::tf32:
      return Types{CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32};
    case DType::fp32:
      return Types{CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case DType::fp64:
      return Types{CUDA_R_64F, CUDA_R_64F, CUDA_R_64F, CUBLAS_COMPUTE_64F};
    default:
      return std::nullopt;
  }
}

// -1, 0 or 1 in the type of the scale.
const void* number(cudaDataType_t scale, int value) {
  static constexpr float kFloats[] = {-1, 0, 1};
  static constexpr double kDoubles[] = {-1, 0, 1};
  static constexpr std::int32_t kInts[] = {-1, 0, 1};
  if (scale == CUDA_R_64F) return &kDoubles[value + 1];
  if (scale == CUDA_R_32I) return &kInts[value + 1];
  return &kFloats[value + 1];
}

// Of fp4, every 16 elements along k have a scale of their own: here all are 1/4, so that no order
// of them matters. Source: cuBLAS 13.0, "1D Block Scaling for FP8 and FP4 Data Types": rows by 128,
// scales by 4.
class Scales {
 public:
  static constexpr std::uint8_t kQuarter = 0x28;  // UE4M3: 2^(5 - 7)

  Scales(CudaDriver& driver, const Problem& problem) : driver_(driver) {
    const std::uint64_t rows = up_to(std::max(problem.m, problem.n), 128);
    const std::vector<std::uint8_t> all(rows * up_to(problem.k / 16, 4), kQuarter);
    memory_ = driver.allocate(all.size());
    driver.write(nullptr, memory_, 0, all.size(), all.data());
    driver.finish(nullptr);
  }
  ~Scales() { driver_.release(memory_); }
  Scales(const Scales&) = delete;
  Scales& operator=(const Scales&) = delete;
  [[nodiscard]] const void* get() const { return reinterpret_cast<const void*>(memory_); }

 private:
  static std::uint64_t up_to(std::uint64_t count, std::uint64_t each) {
    return (count + each - 1) / each * each;
  }
  CudaDriver& driver_;
  Handle memory_ = 0;
};

// What cuBLASLt calls by handles, freed together.
class Description {
 public:
  Description(const Problem& problem, const Types& types, const std::string& id)
      : api_(*blas_api()), id_(id) {
    made(api_.cublasLtCreate(&handle), "cublasLtCreate");
    made(api_.cublasLtMatmulDescCreate(&product, types.compute, types.scale),
         "cublasLtMatmulDescCreate");
    set(CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
    // cuBLASLt counts column by column: c is its transpose, (b')' a' with both lying along k.
    made(api_.cublasLtMatrixLayoutCreate(&first, types.in, problem.k, problem.n, line(problem.k)),
         "cublasLtMatrixLayoutCreate");
    made(api_.cublasLtMatrixLayoutCreate(&second, types.in, problem.k, problem.m, line(problem.k)),
         "cublasLtMatrixLayoutCreate");
    made(api_.cublasLtMatrixLayoutCreate(&result, types.out, problem.n, problem.m, line(problem.n)),
         "cublasLtMatrixLayoutCreate");
  }
  ~Description() {
    for (cublasLtMatrixLayout_t layout : {first, second, result}) {
      if (layout != nullptr) api_.cublasLtMatrixLayoutDestroy(layout);
    }
    if (product != nullptr) api_.cublasLtMatmulDescDestroy(product);
    if (handle != nullptr) api_.cublasLtDestroy(handle);
  }
  Description(const Description&) = delete;
  Description& operator=(const Description&) = delete;

  void scale(const Scales& scales) {
    const std::int32_t mode = CUBLASLT_MATMUL_MATRIX_SCALE_VEC16_UE4M3;
    const void* const at = scales.get();
    set(CUBLASLT_MATMUL_DESC_A_SCALE_MODE, mode);
    set(CUBLASLT_MATMUL_DESC_B_SCALE_MODE, mode);
    set(CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, at);
    set(CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, at);
  }

  cublasLtHandle_t handle = nullptr;
  cublasLtMatmulDesc_t product = nullptr;
  cublasLtMatrixLayout_t first = nullptr, second = nullptr, result = nullptr;

 private:
  static std::int64_t line(std::uint64_t elements) { return static_cast<std::int64_t>(elements); }
  template <class T>
  void set(cublasLtMatmulDescAttributes_t what, T value) {
    made(api_.cublasLtMatmulDescSetAttribute(product, what, &value, sizeof value),
         "cublasLtMatmulDescSetAttribute");
  }
  void made(cublasStatus_t status, const char* call) const { check(status, call, id_); }
  const BlasApi& api_;
  std::string id_;
};

class Preference {
 public:
  explicit Preference(const std::string& id) : api_(*blas_api()) {
    check(api_.cublasLtMatmulPreferenceCreate(&made_), "cublasLtMatmulPreferenceCreate", id);
    set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, kWorkspaceBytes, id);
    // Sums that are put together in no fixed order would differ from one time to the next.
    set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
        static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_NONE), id);
  }
  ~Preference() { api_.cublasLtMatmulPreferenceDestroy(made_); }
  Preference(const Preference&) = delete;
  Preference& operator=(const Preference&) = delete;
  [[nodiscard]] cublasLtMatmulPreference_t get() const { return made_; }

 private:
  template <class T>
  void set(cublasLtMatmulPreferenceAttributes_t what, T value, const std::string& id) {
    check(api_.cublasLtMatmulPreferenceSetAttribute(made_, what, &value, sizeof value),
          "cublasLtMatmulPreferenceSetAttribute", id);
  }
  const BlasApi& api_;
  cublasLtMatmulPreference_t made_ = nullptr;
};

using Choice = cublasLtMatmulHeuristicResult_t;

// What an algorithm says of its arithmetic: CUBLASLT_NUMERICAL_IMPL_FLAGS_...; 0: nothing.
std::uint64_t arithmetic_of(const Choice& choice) {
  std::uint64_t flags = 0;
  std::size_t size = 0;
  const cublasStatus_t status = blas_api()->cublasLtMatmulAlgoCapGetAttribute(
      &choice.algo, CUBLASLT_ALGO_CAP_NUMERICAL_IMPL_FLAGS, &flags, sizeof flags, &size);
  return status == CUBLAS_STATUS_SUCCESS && size == sizeof flags ? flags : 0;
}

// Below it a library may have reasons of its own to do without matrix units.
constexpr std::uint64_t kSmall = 128;
bool is_small(const Problem& problem) {
  return std::min({problem.m, problem.n, problem.k}) < kSmall;
}

// Types of which our own kernel does what the library would: by the units for fp32 and fp64, or
// where no chip has a product of two.
bool is_of_plain_units(DType in) {
  return in == DType::fp32 || in == DType::fp64 || in == DType::fp8_e5m2;
}

// Settings of the machine can put other units in place of those that are to be tested: integer ones
// for fp64 (emulation), those of fp32 for tf32 (NVIDIA_TF32_OVERRIDE).
bool is_others_arithmetic(const Problem& problem, std::uint64_t flags) {
  constexpr std::uint64_t kMatrixOfNarrow =
      CUBLASLT_NUMERICAL_IMPL_FLAGS_HMMA | CUBLASLT_NUMERICAL_IMPL_FLAGS_IMMA;
  if ((flags & CUBLASLT_NUMERICAL_IMPL_FLAGS_ACCUMULATOR_16F) != 0) return true;
  const std::uint64_t units = flags & CUBLASLT_NUMERICAL_IMPL_FLAGS_OP_TYPE_MASK;
  if (problem.in == DType::fp32 || problem.in == DType::fp64) return (units & kMatrixOfNarrow) != 0;
  return units == CUBLASLT_NUMERICAL_IMPL_FLAGS_FMA && !is_small(problem);
}

// What versions of the library say of a type that the chip has no units for.
bool is_none(cublasStatus_t status) {
  return status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_ARCH_MISMATCH ||
         status == CUBLAS_STATUS_INVALID_VALUE;
}

std::vector<Choice> choices(const Description& described, const std::string& id) {
  const Preference preference(id);
  std::vector<Choice> all(kAlgorithms);
  int found = 0;
  const cublasStatus_t status = blas_api()->cublasLtMatmulAlgoGetHeuristic(
      described.handle, described.product, described.first, described.second, described.result,
      described.result, preference.get(), kAlgorithms, all.data(), &found);
  if (is_none(status)) return {};
  check(status, "cublasLtMatmulAlgoGetHeuristic", id);
  all.resize(static_cast<std::size_t>(found));
  std::erase_if(all, [](const Choice& each) { return each.state != CUBLAS_STATUS_SUCCESS; });
  return all;
}

class BlasMultiplier : public kernels::Multiplier {
 public:
  BlasMultiplier(CudaDriver& driver, const Types& types, std::unique_ptr<Scales> scales,
                 std::unique_ptr<Description> described, std::vector<Choice> choices)
      : driver_(driver),
        types_(types),
        scales_(std::move(scales)),
        described_(std::move(described)),
        choices_(std::move(choices)),
        workspace_(driver.allocate(kWorkspaceBytes)) {}
  ~BlasMultiplier() override { driver_.release(workspace_); }
  BlasMultiplier(const BlasMultiplier&) = delete;
  BlasMultiplier& operator=(const BlasMultiplier&) = delete;

  // The first product searches, on the data that all the others will have.
  bool multiply(kernels::Queue queue, Handle a, Handle b, Handle c, bool negated) override {
    if (!best_) search(queue, a, b, c);
    const cublasStatus_t status = start(choices_[*best_], queue, a, b, c, negated ? -1 : 1);
    if (negated && (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_INVALID_VALUE))
      return false;
    check(status, "cublasLtMatmul", driver_.id());
    return true;
  }

  // Tensor cores keep about 14 bits of a sum of fp8 products (Hopper; DeepSeek-V3 report, 3.3.2);
  // of fp4 nothing better is known.
  [[nodiscard]] double roundoff() const override {
    const bool fp8 = types_.in == CUDA_R_8F_E4M3 || types_.in == CUDA_R_8F_E5M2;
    return fp8 || packed() ? 0x1p-13 : 0;
  }
  [[nodiscard]] bool packed() const override { return types_.in == CUDA_R_4F_E2M1; }

  [[nodiscard]] std::string describe() const override {
    if (!best_) return "cuBLASLt, not yet searched";
    std::int32_t number = -1;
    std::uint32_t tile = 0;
    std::size_t size = 0;
    const BlasApi& api = *blas_api();
    const cublasLtMatmulAlgo_t* chosen = &choices_[*best_].algo;
    api.cublasLtMatmulAlgoConfigGetAttribute(chosen, CUBLASLT_ALGO_CONFIG_ID, &number,
                                             sizeof number, &size);
    api.cublasLtMatmulAlgoConfigGetAttribute(chosen, CUBLASLT_ALGO_CONFIG_TILE_ID, &tile,
                                             sizeof tile, &size);
    return fmt::format("cuBLASLt {} algorithm {} tile {} arithmetic {:#x}, best of {}",
                       api.cublasLtGetVersion(), number, tile, arithmetic_of(choices_[*best_]),
                       choices_.size());
  }

 private:
  cublasStatus_t start(const Choice& choice, kernels::Queue queue, Handle a, Handle b, Handle c,
                       int alpha) {
    driver_.use();
    return blas_api()->cublasLtMatmul(
        described_->handle, described_->product, number(types_.scale, alpha), pointer(b),
        described_->first, pointer(a), described_->second, number(types_.scale, 0), pointer(c),
        described_->result, pointer(c), described_->result, &choice.algo, pointer(workspace_),
        kWorkspaceBytes, static_cast<cudaStream_t>(queue));
  }
  void start(const Choice& choice, kernels::Queue queue, Handle a, Handle b, Handle c) {
    check(start(choice, queue, a, b, c, 1), "cublasLtMatmul", driver_.id());
  }

  void search(kernels::Queue queue, Handle a, Handle b, Handle c) {
    auto least = std::chrono::duration<double>::max();
    for (std::size_t i = 0; i < choices_.size(); ++i) {
      start(choices_[i], queue, a, b, c);  // loads its kernel
      driver_.finish(queue);
      const auto begun = Clock::now();
      for (int time = 0; time < kTimed; ++time) start(choices_[i], queue, a, b, c);
      driver_.finish(queue);
      const std::chrono::duration<double> took = Clock::now() - begun;
      if (took >= least) continue;
      least = took;
      best_ = i;
    }
  }

  static void* pointer(Handle memory) { return reinterpret_cast<void*>(memory); }

  CudaDriver& driver_;
  Types types_;
  std::unique_ptr<Scales> scales_;  // null: none
  std::unique_ptr<Description> described_;
  std::vector<Choice> choices_;
  Handle workspace_;
  std::optional<std::size_t> best_;
};

kernels::Refused no_such_arithmetic(DType in) {
  return {fmt::format(
      "cuBLASLt would compute products of {} on other units than the chip has for them; are "
      "NVIDIA_TF32_OVERRIDE or CUBLAS_EMULAT... set?",
      name(in))};
}

// No program of ours stands in for units that the chip has not, or that its library does not use.
kernels::Refused no_product(const Problem& problem) {
  return {fmt::format("no products of {} by cuBLASLt of {} x {} x {}", name(problem.in), problem.m,
                      problem.n, problem.k)};
}
kernels::Refused no_fp4(const std::string& id) {
  return {
      fmt::format("{} has no products of fp4_e2m1 by cuBLASLt: chips of compute capability 10.0 "
                  "have them, of sizes that are multiples of {}",
                  id, kAlignedFp4)};
}

}  // namespace

std::unique_ptr<kernels::Multiplier> make_multiplier(CudaDriver& driver, const Problem& problem) {
  const auto types = types_of(problem.in);
  const bool fp4 = problem.in == DType::fp4_e2m1;
  const std::uint64_t aligned = fp4 ? kAlignedFp4 : kAligned;
  const bool whole =
      problem.m % aligned == 0 && problem.n % aligned == 0 && problem.k % aligned == 0;
  if (fp4 && !whole) throw no_fp4(driver.id());
  if (!types || !whole) return nullptr;
  if (!blas_api()) throw kernels::Refused{blas_api().error().message};
  driver.use();
  auto described = std::make_unique<Description>(problem, *types, driver.id());
  auto scales = fp4 ? std::make_unique<Scales>(driver, problem) : nullptr;
  if (scales) described->scale(*scales);
  auto found = choices(*described, driver.id());
  if (fp4 && found.empty()) throw no_fp4(driver.id());
  if (found.empty() && is_of_plain_units(problem.in)) return nullptr;
  if (found.empty()) throw no_product(problem);
  std::erase_if(found, [&](const Choice& each) {
    return is_others_arithmetic(problem, arithmetic_of(each));
  });
  if (found.empty()) throw no_such_arithmetic(problem.in);
  return std::make_unique<BlasMultiplier>(driver, *types, std::move(scales), std::move(described),
                                          std::move(found));
}

}  // namespace rackproof::cuda
