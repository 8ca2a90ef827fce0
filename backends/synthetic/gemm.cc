// SPDX-License-Identifier: Apache-2.0
// The matrix product: any element of it can be computed in O(k), so faults have honest bits.
#include <bit>
#include <cmath>
#include <map>

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

// What a stream word is as a random operand, in the accumulator's type.
template <class T>
T random_number(DType in, std::uint64_t word) {
  if constexpr (sizeof(T) == 4) return random_operand(in, word);
  return static_cast<T>(random_fp64(word));
}

double number_of(DType acc, std::uint64_t bits) {
  const auto low = static_cast<std::uint32_t>(bits);
  if (acc == DType::i32) return static_cast<std::int32_t>(low);
  return acc == DType::fp32 ? std::bit_cast<float>(low) : std::bit_cast<double>(bits);
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
  std::uint64_t elements_at(FaultSite place, const RunFor& how) const override {
    if (place == FaultSite::operand) return count_of_a() + k() * n();
    return Work::elements_at(place, how);
  }
  std::uint64_t element_at(FaultSite place, const RunFor& how, std::uint64_t n) const override {
    return place == FaultSite::operand ? elements(how) + n : n;
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
    if (element >= count_of_c()) return operand(pattern, element - count_of_c());
    const std::uint64_t row = element / n(), column = element % n();
    if (g_.operands == Operands::exact) return exact(pattern, row, column);
    if (g_.acc == DType::fp32) {
      return std::bit_cast<std::uint32_t>(inexact<float>(pattern, row, column));
    }
    return std::bit_cast<std::uint64_t>(inexact<double>(pattern, row, column));
  }

  // The first elements that a wrong operand reaches in every product of the burst.
  std::vector<Damage> spread(const RunFor& how, const std::vector<Damage>& damages,
                             std::uint64_t iterations) const override {
    std::map<std::uint64_t, double> wrong;  // operands
    for (const Damage& d : damages) {
      if (d.element >= count_of_c()) wrong[d.element - count_of_c()] = number_of(g_.acc, d.got);
    }
    std::map<std::uint64_t, Damage> results;
    for (const auto& entry : wrong) {
      for (std::uint64_t reached = 0; reached < kReached; ++reached) {
        const std::uint64_t element = reached_by(entry.first, reached);
        const std::uint64_t right = expected(how.pattern, element),
                            got = product(how.pattern, element, wrong);
        if (got != right) results[element] = {element, right, got, iterations};
      }
    }
    std::vector<Damage> all;
    for (const auto& entry : results) all.push_back(entry.second);
    return all;
  }

  std::uint64_t changed_by(std::uint64_t digest, std::uint64_t pattern,
                           const std::vector<Damage>& damages) const override {
    const bool joined = g_.operands != Operands::random;
    const std::uint64_t right = joined && !damages.empty() ? operands_right(pattern) : 0;
    std::uint64_t result = joined && !damages.empty() ? join_digests(digest, right) : digest,
                  operands = right;
    for (const Damage& d : damages) {
      if (d.element < count_of_c())
        result = changed(result, pattern, d);
      else
        operands += operand_term(d.got, d.element - count_of_c()) -
                    operand_term(d.expected, d.element - count_of_c());
    }
    return joined && !damages.empty() ? join_digests(result, operands) : result;
  }

  std::uint64_t changed(std::uint64_t digest, std::uint64_t pattern,
                        const Damage& damage) const override {
    if (g_.operands != Operands::exact) return Work::changed(digest, pattern, damage);
    const std::uint64_t shift = mod_reduce(static_cast<Wide>(residue(g_.acc, damage.got)) + kPrime -
                                           residue(g_.acc, damage.expected));
    const std::uint64_t weight = mod_mul(fingerprint_u(pattern, damage.element / n()),
                                         fingerprint_v(pattern, damage.element % n()));
    return mod_reduce(static_cast<Wide>(digest) + mod_mul(shift, weight));
  }

 private:
  static constexpr std::uint64_t kReached = 8;

  std::uint64_t n() const { return static_cast<std::uint64_t>(g_.n); }
  std::uint64_t k() const { return static_cast<std::uint64_t>(g_.k); }
  std::uint64_t count_of_a() const { return static_cast<std::uint64_t>(g_.m) * k(); }
  std::uint64_t count_of_c() const { return static_cast<std::uint64_t>(g_.m) * n(); }

  std::uint64_t a_word(std::uint64_t pattern, std::uint64_t row, std::uint64_t p) const {
    return stream_word(pattern, Stream::a, row * k() + p);
  }
  std::uint64_t b_word(std::uint64_t pattern, std::uint64_t p, std::uint64_t column) const {
    return stream_word(pattern, Stream::b, p * n() + column);
  }

  // Bits of an operand, a's before b's.
  std::uint64_t operand(std::uint64_t pattern, std::uint64_t index) const {
    const bool is_a = index < count_of_a();
    if (is_a && g_.operands == Operands::error_free &&
        index % k() != error_free_column(pattern, index / k(), k()))
      return 0;
    const std::uint64_t word = is_a ? stream_word(pattern, Stream::a, index)
                                    : stream_word(pattern, Stream::b, index - count_of_a());
    if (g_.operands == Operands::exact) return encode(g_.acc, exact_operand(word, bound_));
    if (g_.acc == DType::fp32)
      return std::bit_cast<std::uint32_t>(random_number<float>(g_.in, word));
    return std::bit_cast<std::uint64_t>(random_number<double>(g_.in, word));
  }

  std::uint64_t operands_right(std::uint64_t pattern) const {
    const auto digest = operand_golden(describe(g_), pattern);
    if (!digest) throw DeviceError(digest.error().text());
    return *digest;
  }

  // Element number `reached` of those in the operand's row of c, or column for b's.
  std::uint64_t reached_by(std::uint64_t index, std::uint64_t reached) const {
    if (index < count_of_a()) return index / k() * n() + reached % n();
    return reached % static_cast<std::uint64_t>(g_.m) * n() + (index - count_of_a()) % n();
  }

  // An element of the product of these operands instead of the right ones.
  std::uint64_t product(std::uint64_t pattern, std::uint64_t element,
                        const std::map<std::uint64_t, double>& wrong) const {
    const auto at = [&](std::uint64_t index) {
      const auto found = wrong.find(index);
      return found != wrong.end() ? found->second : number_of(g_.acc, operand(pattern, index));
    };
    double sum = 0;
    for (std::uint64_t p = 0; p < k(); ++p)
      sum += at(element / n() * k() + p) * at(count_of_a() + p * n() + element % n());
    if (g_.acc == DType::i32)  // as it wraps around
      return static_cast<std::uint32_t>(static_cast<std::int64_t>(std::fmod(sum, 0x1p32)));
    if (g_.acc == DType::fp32) return std::bit_cast<std::uint32_t>(static_cast<float>(sum));
    return std::bit_cast<std::uint64_t>(sum);
  }

  std::uint64_t exact(std::uint64_t pattern, std::uint64_t row, std::uint64_t column) const {
    std::int64_t sum = 0;
    for (std::uint64_t p = 0; p < k(); ++p) {
      sum += exact_operand(a_word(pattern, row, p), bound_) *
             exact_operand(b_word(pattern, p, column), bound_);
    }
    return encode(g_.acc, sum);
  }

  template <class T>
  T inexact(std::uint64_t pattern, std::uint64_t row, std::uint64_t column) const {
    const bool sparse = g_.operands == Operands::error_free;
    const std::uint64_t first = sparse ? error_free_column(pattern, row, k()) : 0;
    T sum = 0;
    for (std::uint64_t p = first; p < (sparse ? first + 1 : k()); ++p) {
      sum = std::fma(random_number<T>(g_.in, a_word(pattern, row, p)),
                     random_number<T>(g_.in, b_word(pattern, p, column)), sum);
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
