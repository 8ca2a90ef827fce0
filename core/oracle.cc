// SPDX-License-Identifier: Apache-2.0
#include "core/oracle.h"

#include <fmt/format.h>

#include <cmath>
#include <sstream>
#include <vector>

#include "core/collective.h"
#include "core/json.h"
#include "core/mix.h"

namespace rackproof {
namespace {

// Bits of integer that the operand type holds exactly, and the accumulator: largest exact integer.
std::int64_t largest_operand(DType in) {
  switch (in) {
    case DType::i8:
      return 127;
    case DType::fp4_e2m1:
      return 1;  // greatest: 1.5
    case DType::fp8_e5m2:
      return 7;  // 3 bits of significand
    case DType::fp8_e4m3:
      return 15;  // 4 bits
    case DType::bf16:
      return 255;  // 8 bits of significand
    case DType::fp16:
    case DType::tf32:
      return 2047;  // 11 bits
    case DType::fp32:
      return 16777215;  // 24 bits
    case DType::fp64:
      return 1LL << 30;  // its square must fit the sum below
    case DType::i32:
      return 0;
  }
  return 0;
}

// Tensor cores sum products of fp8 with about 14 bits, whatever the type of the result, and one of
// these may be the sign's. Source: DeepSeek-V3 Technical Report, section 3.3.2. Of fp4 nothing is
// published: no more is taken for granted.
double largest_sum(DType in, DType acc) {
  if (in == DType::fp4_e2m1 || in == DType::fp8_e4m3 || in == DType::fp8_e5m2) return 8192.0;
  switch (acc) {
    case DType::i32:
      return 2147483647.0;
    case DType::fp32:
      return 16777215.0;
    case DType::fp64:
      return 9007199254740991.0;
    default:
      return 0;
  }
}

std::uint64_t hash_of_bits(std::uint64_t bits) { return mod_reduce(mix64(bits ^ kDigestSalt)); }

constexpr std::uint64_t kMostBytes = 1ULL << 44;

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

  [[nodiscard]] std::uint64_t digest() const {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < m(); ++i) {
      const bool sparse = g_.operands == Operands::error_free;
      const std::uint64_t only = sparse ? error_free_column(pattern_, i, k()) : 0;
      for (std::uint64_t p = 0; p < k(); ++p) {
        const std::uint64_t bits = sparse && p != only ? 0 : bits_of(word_a(i, p));
        sum += operand_term(bits, i * k() + p);
      }
    }
    for (std::uint64_t p = 0; p < k(); ++p) {
      for (std::uint64_t j = 0; j < n(); ++j)
        sum += operand_term(bits_of(word_b(p, j)), m() * k() + p * n() + j);
    }
    return sum;
  }

 private:
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

// u'A and Bv have k entries each; their product is u'Cv.
std::uint64_t exact_golden(const OperandsOf& operands, std::uint64_t pattern) {
  const std::uint64_t k = operands.k(), n = operands.n();
  std::vector<std::uint64_t> left(k, 0);
  for (std::uint64_t i = 0; i < operands.m(); ++i) {
    const std::uint64_t u = fingerprint_u(pattern, i);
    for (std::uint64_t p = 0; p < k; ++p) {
      left[p] =
          mod_reduce(static_cast<Wide>(left[p]) + mod_mul(u, mod_from(operands.exact_a(i, p))));
    }
  }
  std::vector<std::uint64_t> v(n);
  for (std::uint64_t j = 0; j < n; ++j) v[j] = fingerprint_v(pattern, j);
  std::uint64_t sum = 0;
  for (std::uint64_t p = 0; p < k; ++p) {
    std::uint64_t right = 0;
    for (std::uint64_t j = 0; j < n; ++j) {
      right =
          mod_reduce(static_cast<Wide>(right) + mod_mul(v[j], mod_from(operands.exact_b(p, j))));
    }
    sum = mod_reduce(static_cast<Wide>(sum) + mod_mul(left[p], right));
  }
  return sum;
}

std::uint64_t product_bits(const GemmKey& g, std::uint64_t a, std::uint64_t b) {
  if (g.acc == DType::fp64) return std::bit_cast<std::uint64_t>(random_fp64(a) * random_fp64(b));
  return std::bit_cast<std::uint32_t>(random_operand(g.in, a) * random_operand(g.in, b));
}

std::uint64_t error_free_golden(const GemmKey& g, const OperandsOf& operands,
                                std::uint64_t pattern) {
  const std::uint64_t n = operands.n();
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < operands.m(); ++i) {
    const std::uint64_t p = error_free_column(pattern, i, operands.k());
    const std::uint64_t a = operands.word_a(i, p);
    for (std::uint64_t j = 0; j < n; ++j)
      digest += digest_term(product_bits(g, a, operands.word_b(p, j)), i * n + j);
  }
  return digest;
}

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

Expected<std::optional<std::uint64_t>> gemm_golden(const GemmKey& g, std::uint64_t pattern) {
  if (g.operands == Operands::random) return std::nullopt;
  if (const auto checked = check_operands(g); !checked) return tl::unexpected(checked.error());
  const OperandsOf operands(g, pattern);
  const std::uint64_t result = g.operands == Operands::exact
                                   ? exact_golden(operands, pattern)
                                   : error_free_golden(g, operands, pattern);
  return join_digests(result, operands.digest());
}

// Sum of (2 i + 1) modulo 2^64 over the word indices i < words whose bit `bit` equals `half` (-1:
// all).
std::uint64_t odd_sum(std::uint64_t words, int bit, int half) {
  if (bit < 0) return words * words;
  const std::uint64_t block = 1ULL << bit, period = 2 * block, periods = words / period;
  const auto offset = static_cast<std::uint64_t>(half) * block;
  const std::uint64_t whole =
      block * (period * (periods * (periods - 1)) + periods * (2 * offset + block));
  const std::uint64_t first = std::min(words, periods * period + offset),
                      last = std::min(words, first + block);
  return whole + last * last - first * first;
}

std::uint64_t content_golden(Content content, std::uint64_t words, std::uint64_t pattern) {
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < words; ++i)
    digest += digest_term(content_word(content, pattern, i), i);
  return digest;
}

// Sum of (2 i + 1) over the words that a stripe takes.
std::uint64_t stripe_sum(std::uint64_t words, std::uint64_t phase, bool others) {
  const std::uint64_t count = words > phase ? (words - phase - 1) / kStripe + 1 : 0;
  const std::uint64_t own = count * (2 * phase + 1) + kStripe * count * (count - 1);
  return others ? words * words - own : own;
}

std::uint64_t triad_golden(std::uint64_t words, std::uint64_t pattern) {
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < words; ++i) {
    const std::uint64_t word = pattern_word(pattern, i);
    digest +=
        digest_term(std::bit_cast<std::uint64_t>(triad_b(word) + kTriadScalar * triad_c(word)), i);
  }
  return digest;
}

}  // namespace

std::int64_t exact_bound(DType in, DType acc, std::int64_t k) {
  if (k < 1) return 0;
  auto bound = static_cast<std::int64_t>(std::sqrt(largest_sum(in, acc) / static_cast<double>(k)));
  while (bound > 0 &&
         static_cast<double>(bound) * static_cast<double>(bound) * static_cast<double>(k) >
             largest_sum(in, acc))
    --bound;
  bound = std::min(bound, largest_operand(in));
  return bound > 0 && bound % 2 == 0 ? bound - 1 : bound;
}

std::string why_not_exact(DType in, DType acc, std::int64_t k) {
  if (exact_bound(in, acc, k) >= 1) return "";
  const std::string reason =
      fmt::format("no exact operands of {} sum up {} products in {}", name(in), k, name(acc));
  const double most = largest_operand(in) > 0 ? largest_sum(in, acc) : 0;
  return most > 0 ? fmt::format("{}: at most {:.0f}", reason, most) : reason;
}

std::uint64_t residue_i32(std::int32_t value) { return mod_from(value); }

std::uint64_t residue_fp32(float value) {
  if (std::fabs(value) <= 16777216.0F) {
    const auto whole = static_cast<std::int64_t>(value);
    if (std::bit_cast<std::uint32_t>(static_cast<float>(whole)) ==
        std::bit_cast<std::uint32_t>(value))
      return mod_from(whole);
  }
  return hash_of_bits(std::bit_cast<std::uint32_t>(value));
}

std::uint64_t residue_fp64(double value) {
  if (std::fabs(value) <= 9007199254740992.0) {
    const auto whole = static_cast<std::int64_t>(value);
    if (std::bit_cast<std::uint64_t>(static_cast<double>(whole)) ==
        std::bit_cast<std::uint64_t>(value))
      return mod_from(whole);
  }
  return hash_of_bits(std::bit_cast<std::uint64_t>(value));
}

namespace {

using Answer = std::optional<std::uint64_t>;

// The words behind the kind of work. Each reader leaves the stream bad, or something unread, when
// they are none that describe() writes.
std::optional<std::uint64_t> read_words(std::istream& in) {
  std::uint64_t bytes = 0;
  in >> bytes;
  const bool sized = in && bytes % 8 == 0 && bytes <= kMostBytes;  // "-8" wraps to a huge number
  return sized ? std::optional(bytes / 8) : std::nullopt;
}

Expected<Answer> content_answer(std::istream& in, const WorkKey& key, bool reads) {
  const auto words = read_words(in);
  std::string word = "seeded";
  if (!words) return fail("");
  in >> std::ws;
  if (!in.eof()) in >> word;
  const auto content = content_from_name(word);
  if (!content) return fail("");
  return reads ? Answer(content_golden(*content, *words, key.pattern)) : Answer();
}

Expected<Answer> sweep_answer(std::istream& in, const WorkKey& key) {
  const auto words = read_words(in);
  std::string op, word_text;
  in >> op >> word_text;
  const auto word = parse_hex64(word_text);
  if (!words || !word || key.address_bit >= 63) return fail("");
  if (op == "write") return Answer();
  if (op != "read") return fail("");
  return Answer((*word ^ kDigestSalt) * odd_sum(*words, key.address_bit, key.half));
}

Expected<Answer> stripe_answer(std::istream& in, const WorkKey& key) {
  const auto words = read_words(in);
  std::uint64_t phase = kStripe;
  std::string op, which, sense;
  in >> op >> phase >> which >> sense;
  const bool known =
      (which == "own" || which == "others") && (sense == "plain" || sense == "inverted");
  if (!words || !in || phase >= kStripe || !known) return fail("");
  if (op == "write") return Answer();
  if (op != "read") return fail("");
  const std::uint64_t word = stripe_word(key.pattern, phase, sense == "inverted");
  return Answer((word ^ kDigestSalt) * stripe_sum(*words, phase, which == "others"));
}

Expected<Answer> triad_answer(std::istream& in, const WorkKey& key) {
  std::string type;
  in >> type;
  const auto words = read_words(in);
  if (!words || type != "fp64") return fail("");
  return Answer(triad_golden(*words, key.pattern));
}

Expected<Answer> mix_answer(std::istream& in, const WorkKey& key) {
  std::string word;
  std::uint64_t words = 0;
  in >> word >> words;
  const auto kernel = mix_kernel_from_name(word);
  if (!in || !kernel || words > kMostMixWords) return fail("");
  const std::vector<std::uint64_t> right = mix_words(*kernel, words, key.pattern);
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < words; ++i) digest += digest_term(right[i], i);
  return Answer(digest);
}

Expected<Answer> reduce_answer(std::istream& in, const WorkKey& key) {
  std::string kind, type;
  Reduce reduce;
  in >> kind >> type >> reduce.size_bytes >> reduce.rank >> reduce.ranks;
  const auto known = collective_from_name(kind);
  const auto dtype = dtype_from_name(type);
  if (!in || !known || !dtype || reduce.size_bytes > kMostBytes) return fail("");
  reduce.kind = *known;
  reduce.type = *dtype;
  if (!why_no_collective(reduce).empty()) return fail("");
  return Answer(collective_golden(reduce, key.pattern));
}

Expected<Answer> answer_of(const std::string& kind, std::istream& in, const WorkKey& key) {
  if (kind == "gemm") {
    const auto gemm = parse_gemm(in);
    return gemm ? gemm_golden(*gemm, key.pattern) : Expected<Answer>(fail(""));
  }
  if (kind == "fill" || kind == "check") return content_answer(in, key, kind == "check");
  if (kind == "sweep") return sweep_answer(in, key);
  if (kind == "stripe") return stripe_answer(in, key);
  if (kind == "triad") return triad_answer(in, key);
  if (kind == "mix") return mix_answer(in, key);
  if (kind == "reduce") return reduce_answer(in, key);
  if (kind != "copy") return fail("");
  const auto words = read_words(in);
  return words ? Answer(content_golden(Content::seeded, *words, key.pattern))
               : Expected<Answer>(fail(""));
}

}  // namespace

Expected<Answer> golden(const WorkKey& key) {
  std::istringstream in(key.work);
  std::string kind, extra;
  in >> kind;
  auto answer = answer_of(kind, in, key);
  if (answer && !(in >> extra)) return answer;
  const bool explained = !answer && !answer.error().message.empty();
  return explained ? answer : fail(fmt::format("unknown work '{}'", key.work));
}

Expected<std::uint64_t> operand_golden(const std::string& work, std::uint64_t pattern) {
  std::istringstream in(work);
  std::string kind;
  in >> kind;
  const auto gemm = kind == "gemm" ? parse_gemm(in) : fail("");
  if (!gemm) return fail(fmt::format("'{}' has no operands", work));
  if (const auto checked = check_operands(*gemm); !checked) return tl::unexpected(checked.error());
  return OperandsOf(*gemm, pattern).digest();
}

}  // namespace rackproof
