// SPDX-License-Identifier: Apache-2.0
// The matrix product: any element of it can be computed in O(k), so faults have honest bits.
#include <bit>
#include <cmath>

#include "backends/synthetic/work.h"
#include "core/oracle.h"

namespace rackproof {
namespace {

std::uint64_t encode(DType acc, std::int64_t value) {
  switch (acc) {
    case DType::i32:
      return static_cast<std::uint32_t>(value);
    case DType::fp32:
      return std::bit_cast<std::uint32_t>(static_cast<float>(value));
    default:
      return std::bit_cast<std::uint64_t>(static_cast<double>(value));
  }
}

std::uint64_t residue(DType acc, std::uint64_t bits) {
  const auto low = static_cast<std::uint32_t>(bits);
  if (acc == DType::i32) return residue_i32(static_cast<std::int32_t>(low));
  if (acc == DType::fp32) return residue_fp32(std::bit_cast<float>(low));
  return residue_fp64(std::bit_cast<double>(bits));
}

// What a stream word is as an operand, in the accumulator's type.
template <class T>
T random_operand(std::uint64_t word) {
  if constexpr (sizeof(T) == 4) return random_fp32(word);
  return static_cast<T>(random_fp64(word));
}

class GemmWork : public Work {
 public:
  GemmWork(const Gemm& gemm, const Speeds& speeds)
      : g_(gemm), bound_(exact_bound(gemm.in, gemm.acc, gemm.k)), rate_(speeds.gemm) {}

  std::string_view kind() const override { return "gemm"; }
  bool computes() const override { return true; }
  std::optional<FaultSite> site() const override { return FaultSite::result; }
  std::uint64_t elements(const RunFor&) const override {
    return static_cast<std::uint64_t>(g_.m) * static_cast<std::uint64_t>(g_.n);
  }
  std::uint64_t all_bits() const override { return size_of(g_.acc) == 4 ? 0xffffffffULL : ~0ULL; }
  std::uint64_t nan_bits() const override {
    if (g_.acc == DType::fp32) return 0x7fc00000ULL;
    return g_.acc == DType::fp64 ? 0x7ff8000000000000ULL : all_bits();
  }

  Effort effort(const RunFor&) const override {
    const auto m = static_cast<double>(g_.m), n = static_cast<double>(g_.n),
               k = static_cast<double>(g_.k);
    const double flops = 2 * m * n * k;
    return {(m * k + k * n) * size_of(g_.in) + m * n * size_of(g_.acc), flops, flops / rate_};
  }

  std::uint64_t expected(std::uint64_t pattern, std::uint64_t element) const override {
    const std::uint64_t n = static_cast<std::uint64_t>(g_.n), row = element / n,
                        column = element % n;
    if (g_.operands == Operands::exact) return exact(pattern, row, column);
    if (g_.acc == DType::fp32) {
      return std::bit_cast<std::uint32_t>(inexact<float>(pattern, row, column));
    }
    return std::bit_cast<std::uint64_t>(inexact<double>(pattern, row, column));
  }

  std::uint64_t changed(std::uint64_t digest, std::uint64_t pattern,
                        const Damage& damage) const override {
    if (g_.operands != Operands::exact) return Work::changed(digest, pattern, damage);
    const auto n = static_cast<std::uint64_t>(g_.n);
    const std::uint64_t shift = mod_reduce(static_cast<Wide>(residue(g_.acc, damage.got)) + kPrime -
                                           residue(g_.acc, damage.expected));
    const std::uint64_t weight = mod_mul(fingerprint_u(pattern, damage.element / n),
                                         fingerprint_v(pattern, damage.element % n));
    return mod_reduce(static_cast<Wide>(digest) + mod_mul(shift, weight));
  }

 private:
  std::uint64_t a_word(std::uint64_t pattern, std::uint64_t row, std::uint64_t p) const {
    return stream_word(pattern, Stream::a, row * static_cast<std::uint64_t>(g_.k) + p);
  }
  std::uint64_t b_word(std::uint64_t pattern, std::uint64_t p, std::uint64_t column) const {
    return stream_word(pattern, Stream::b, p * static_cast<std::uint64_t>(g_.n) + column);
  }

  std::uint64_t exact(std::uint64_t pattern, std::uint64_t row, std::uint64_t column) const {
    std::int64_t sum = 0;
    for (std::uint64_t p = 0; p < static_cast<std::uint64_t>(g_.k); ++p) {
      sum += exact_operand(a_word(pattern, row, p), bound_) *
             exact_operand(b_word(pattern, p, column), bound_);
    }
    return encode(g_.acc, sum);
  }

  template <class T>
  T inexact(std::uint64_t pattern, std::uint64_t row, std::uint64_t column) const {
    const auto k = static_cast<std::uint64_t>(g_.k);
    const bool sparse = g_.operands == Operands::error_free;
    const std::uint64_t first = sparse ? error_free_column(pattern, row, k) : 0;
    T sum = 0;
    for (std::uint64_t p = first; p < (sparse ? first + 1 : k); ++p) {
      sum = std::fma(random_operand<T>(a_word(pattern, row, p)),
                     random_operand<T>(b_word(pattern, p, column)), sum);
    }
    return sum;
  }

  Gemm g_;
  std::int64_t bound_;
  double rate_;
};

}  // namespace

std::unique_ptr<Work> make_gemm(const Gemm& gemm, const Speeds& speeds) {
  return std::make_unique<GemmWork>(gemm, speeds);
}

}  // namespace rackproof
