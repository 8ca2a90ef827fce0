// SPDX-License-Identifier: Apache-2.0
#include "core/golden_gemm.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

namespace rackproof {
namespace {

struct GemmKey {
  DType in, acc;
  std::int64_t m, n, k;
  Operands operands;
};

Expected<GemmKey> parse_gemm(std::istream& in) {
  std::string in_name, acc_name, operands_name;
  std::int64_t m = 0, n = 0, k = 0;
  in >> in_name >> acc_name >> m >> n >> k >> operands_name;
  const auto in_type = dtype_from_name(in_name), acc_type = dtype_from_name(acc_name);
  const auto operands = operands_from_name(operands_name);
  constexpr std::int64_t kMost = 1 << 20;
  if (!in || !in_type || !acc_type || !operands || m < 1 || n < 1 || k < 1 || m > kMost ||
      n > kMost || k > kMost) {
    return fail("not a gemm");
  }
  return GemmKey{*in_type, *acc_type, m, n, k, *operands};
}

// An operand as a number and as the bits that the operand digest takes.
class OperandsOf {
 public:
  OperandsOf(const GemmKey& g, std::uint64_t pattern)
      : g_(g), pattern_(pattern), bound_(exact_bound(g.in, g.acc, g.k)) {}

  [[nodiscard]] std::int64_t exact_a(std::uint64_t i, std::uint64_t p) const {
    return exact_operand(word_a(i, p), bound_);
  }
  [[nodiscard]] std::int64_t exact_b(std::uint64_t p, std::uint64_t j) const {
    return exact_operand(word_b(p, j), bound_);
  }
  [[nodiscard]] std::uint64_t word_a(std::uint64_t i, std::uint64_t p) const {
    return stream_word(pattern_, Stream::a, i * k() + p);
  }
  [[nodiscard]] std::uint64_t word_b(std::uint64_t p, std::uint64_t j) const {
    return stream_word(pattern_, Stream::b, p * n() + j);
  }
  [[nodiscard]] std::uint64_t k() const { return static_cast<std::uint64_t>(g_.k); }
  [[nodiscard]] std::uint64_t n() const { return static_cast<std::uint64_t>(g_.n); }
  [[nodiscard]] std::uint64_t m() const { return static_cast<std::uint64_t>(g_.m); }

  // Of a's rows and b's rows `first` to `last` - 1, as far as there are such.
  [[nodiscard]] std::uint64_t digest(std::uint64_t first, std::uint64_t last) const {
    std::uint64_t sum = 0;
    for (std::uint64_t i = first; i < std::min(last, m()); ++i) sum += digest_of_a(i);
    for (std::uint64_t p = first; p < std::min(last, k()); ++p) {
      for (std::uint64_t j = 0; j < n(); ++j)
        sum += operand_term(bits_of(word_b(p, j)), m() * k() + p * n() + j);
    }
    return sum;
  }

 private:
  [[nodiscard]] std::uint64_t digest_of_a(std::uint64_t i) const {
    const bool sparse = g_.operands == Operands::error_free;
    const std::uint64_t only = sparse ? error_free_column(pattern_, i, k()) : 0;
    std::uint64_t sum = 0;
    for (std::uint64_t p = 0; p < k(); ++p) {
      const std::uint64_t bits = sparse && p != only ? 0 : bits_of(word_a(i, p));
      sum += operand_term(bits, i * k() + p);
    }
    return sum;
  }
  [[nodiscard]] std::uint64_t bits_of(std::uint64_t word) const {
    const bool exact = g_.operands == Operands::exact;
    const std::int64_t whole = exact ? exact_operand(word, bound_) : 0;
    if (g_.acc == DType::i32) return static_cast<std::uint32_t>(whole);
    if (g_.acc == DType::fp64)
      return std::bit_cast<std::uint64_t>(exact ? static_cast<double>(whole) : random_fp64(word));
    return std::bit_cast<std::uint32_t>(exact ? static_cast<float>(whole)
                                              : random_operand(g_.in, word));
  }

  GemmKey g_;
  std::uint64_t pattern_;
  std::int64_t bound_;
};

Expected<void> check_operands(const GemmKey& g) {
  if (g.operands == Operands::exact) {
    const std::string reason = why_not_exact(g.in, g.acc, g.k);
    return reason.empty() ? Expected<void>() : Expected<void>(fail(reason));
  }
  const bool narrow = g.acc == DType::fp32 && g.in != DType::fp64;
  const bool floating = g.in != DType::i8 && g.in != DType::i32;
  if (floating && (narrow || (g.in == DType::fp64 && g.acc == DType::fp64))) return {};
  return fail(std::string("no ") + std::string(name(g.operands)) + " operands for these types");
}

std::uint64_t product_bits(const GemmKey& g, std::uint64_t a, std::uint64_t b) {
  if (g.acc == DType::fp64) return std::bit_cast<std::uint64_t>(random_fp64(a) * random_fp64(b));
  return std::bit_cast<std::uint32_t>(random_operand(g.in, a) * random_operand(g.in, b));
}

// Sums of whole numbers before they are reduced: below 2^61 * 2^30 * 2^20.
__extension__ typedef __int128 WideSum;
std::uint64_t mod_of(WideSum sum) {
  const std::uint64_t size = mod_reduce(static_cast<Wide>(sum < 0 ? -sum : sum));
  return sum < 0 && size > 0 ? kPrime - size : size;
}

// Element e is row e of a and of b, for the operands' digest, and what a kind's result is made of.
class GemmSum : public GoldenSum {
 public:
  GemmSum(const GemmKey& g, std::uint64_t pattern)
      : g_(g), pattern_(pattern), operands_(g, pattern) {}

  [[nodiscard]] std::uint64_t elements() const override {
    return std::max(operands_.m(), operands_.k());
  }
  [[nodiscard]] double element_cost() const override {
    return static_cast<double>(g_.m) + static_cast<double>(g_.n) + static_cast<double>(g_.k);
  }
  [[nodiscard]] GoldenPart part(std::uint64_t first, std::uint64_t last) const override {
    return {result(first, last), operands_.digest(first, last)};
  }
  [[nodiscard]] std::uint64_t answer(const GoldenPart& whole) const override {
    return join_digests(whole.result, whole.operands);
  }

 protected:
  [[nodiscard]] virtual std::uint64_t result(std::uint64_t first, std::uint64_t last) const = 0;
  GemmKey g_;
  std::uint64_t pattern_;
  OperandsOf operands_;
};

// The fingerprint: u'A and Bv have k entries each; their product is u'Cv. Element p is entry p.
class ExactSum final : public GemmSum {
 public:
  using GemmSum::GemmSum;

  [[nodiscard]] GoldenPart add(const GoldenPart& a, const GoldenPart& b) const override {
    return {mod_reduce(static_cast<Wide>(a.result) + b.result), a.operands + b.operands};
  }

 private:
  [[nodiscard]] std::uint64_t result(std::uint64_t first, std::uint64_t last) const override {
    if (first >= operands_.k()) return 0;
    const std::uint64_t end = std::min(last, operands_.k());
    const std::vector<WideSum> left = left_entries(first, end);
    std::vector<std::uint64_t> v;
    for (std::uint64_t j = 0; j < operands_.n(); ++j) v.push_back(fingerprint_v(pattern_, j));
    std::uint64_t sum = 0;
    for (std::uint64_t p = first; p < end; ++p) {
      const Wide product = mod_mul(mod_of(left[p - first]), mod_of(right_entry(v, p)));
      sum = mod_reduce(product + sum);
    }
    return sum;
  }
  // Row by row of a, as its words follow each other.
  [[nodiscard]] std::vector<WideSum> left_entries(std::uint64_t first, std::uint64_t end) const {
    std::vector<WideSum> left(end - first, 0);
    for (std::uint64_t i = 0; i < operands_.m(); ++i) {
      const WideSum u = fingerprint_u(pattern_, i);
      for (std::uint64_t p = first; p < end; ++p) left[p - first] += u * operands_.exact_a(i, p);
    }
    return left;
  }
  [[nodiscard]] WideSum right_entry(const std::vector<std::uint64_t>& v, std::uint64_t p) const {
    WideSum sum = 0;
    for (std::uint64_t j = 0; j < v.size(); ++j)
      sum += static_cast<WideSum>(v[j]) * operands_.exact_b(p, j);
    return sum;
  }
};

// Element i is row i of the result, each one product.
class ErrorFreeSum final : public GemmSum {
 public:
  using GemmSum::GemmSum;

 private:
  [[nodiscard]] std::uint64_t result(std::uint64_t first, std::uint64_t last) const override {
    const std::uint64_t n = operands_.n();
    std::uint64_t digest = 0;
    for (std::uint64_t i = first; i < std::min(last, operands_.m()); ++i) {
      const std::uint64_t p = error_free_column(pattern_, i, operands_.k());
      const std::uint64_t a = operands_.word_a(i, p);
      for (std::uint64_t j = 0; j < n; ++j)
        digest += digest_term(product_bits(g_, a, operands_.word_b(p, j)), i * n + j);
    }
    return digest;
  }
};

}  // namespace

Expected<std::unique_ptr<GoldenSum>> gemm_golden(std::istream& in, std::uint64_t pattern) {
  const auto g = parse_gemm(in);
  if (!g) return fail("");
  if (g->operands == Operands::random) return nullptr;
  if (const auto checked = check_operands(*g); !checked) return tl::unexpected(checked.error());
  if (g->operands == Operands::exact) return std::make_unique<ExactSum>(*g, pattern);
  return std::make_unique<ErrorFreeSum>(*g, pattern);
}

Expected<std::uint64_t> operand_golden(const std::string& work, std::uint64_t pattern) {
  std::istringstream in(work);
  std::string kind;
  in >> kind;
  const auto gemm = kind == "gemm" ? parse_gemm(in) : fail("");
  if (!gemm) return fail(fmt::format("'{}' has no operands", work));
  if (const auto checked = check_operands(*gemm); !checked) return tl::unexpected(checked.error());
  const OperandsOf operands(*gemm, pattern);
  return operands.digest(0, std::max(operands.m(), operands.k()));
}

}  // namespace rackproof
