// SPDX-License-Identifier: Apache-2.0
#include "core/golden_sum.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "core/collective.h"
#include "core/golden_gemm.h"
#include "core/golden_words.h"
#include "core/json.h"
#include "core/mix.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kMostBytes = 1ULL << 44;

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

// Sum of (2 i + 1) over the words that a stripe takes.
std::uint64_t stripe_sum(std::uint64_t words, std::uint64_t phase, bool others) {
  const std::uint64_t count = words > phase ? (words - phase - 1) / kStripe + 1 : 0;
  const std::uint64_t own = count * (2 * phase + 1) + kStripe * count * (count - 1);
  return others ? words * words - own : own;
}

class Known final : public GoldenSum {
 public:
  explicit Known(std::uint64_t value) : value_(value) {}
  [[nodiscard]] std::uint64_t elements() const override { return 0; }
  [[nodiscard]] GoldenPart part(std::uint64_t, std::uint64_t) const override { return {}; }
  [[nodiscard]] std::uint64_t answer(const GoldenPart&) const override { return value_; }

 private:
  std::uint64_t value_;
};

class ContentSum final : public GoldenSum {
 public:
  ContentSum(Content content, std::uint64_t words, std::uint64_t pattern)
      : content_(content), words_(words), pattern_(pattern) {}
  [[nodiscard]] std::uint64_t elements() const override { return words_; }
  [[nodiscard]] GoldenPart part(std::uint64_t first, std::uint64_t last) const override {
    return {content_digest(content_, pattern_, first, last), 0};
  }

 private:
  Content content_;
  std::uint64_t words_, pattern_;
};

class TriadSum final : public GoldenSum {
 public:
  TriadSum(std::uint64_t words, std::uint64_t pattern) : words_(words), pattern_(pattern) {}
  [[nodiscard]] std::uint64_t elements() const override { return words_; }
  [[nodiscard]] GoldenPart part(std::uint64_t first, std::uint64_t last) const override {
    return {triad_digest(pattern_, first, last), 0};
  }

 private:
  std::uint64_t words_, pattern_;
};

// Elements are blocks.
class MixSum final : public GoldenSum {
 public:
  MixSum(MixKernel kernel, std::uint64_t words, std::uint64_t pattern)
      : kernel_(kernel), words_(words), pattern_(pattern) {}
  [[nodiscard]] std::uint64_t elements() const override {
    return (words_ + kMixBlock - 1) / kMixBlock;
  }
  [[nodiscard]] double element_cost() const override { return 1024.0 * kMixBlock; }
  [[nodiscard]] GoldenPart part(std::uint64_t first, std::uint64_t last) const override {
    std::array<std::uint64_t, kMixBlock> right{};
    std::uint64_t digest = 0;
    for (std::uint64_t block = first; block < last; ++block) {
      mix_block(kernel_, pattern_, block, right.data());
      const std::uint64_t start = block * kMixBlock;
      for (std::uint64_t i = start; i < std::min(words_, start + kMixBlock); ++i)
        digest += digest_term(right[i - start], i);
    }
    return {digest, 0};
  }

 private:
  MixKernel kernel_;
  std::uint64_t words_, pattern_;
};

class ReduceSum final : public GoldenSum {
 public:
  ReduceSum(const Reduce& reduce, std::uint64_t pattern) : reduce_(reduce), pattern_(pattern) {}
  [[nodiscard]] std::uint64_t elements() const override { return result_elements(reduce_); }
  [[nodiscard]] double element_cost() const override {
    return sums(reduce_.kind) ? reduce_.ranks : 1;
  }
  [[nodiscard]] GoldenPart part(std::uint64_t first, std::uint64_t last) const override {
    return {collective_digest(reduce_, pattern_, first, last), 0};
  }

 private:
  Reduce reduce_;
  std::uint64_t pattern_;
};

using Answer = std::unique_ptr<GoldenSum>;

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
  if (!reads) return nullptr;
  return std::make_unique<ContentSum>(*content, *words, key.pattern);
}

Expected<Answer> sweep_answer(std::istream& in, const WorkKey& key) {
  const auto words = read_words(in);
  std::string op, word_text;
  in >> op >> word_text;
  const auto word = parse_hex64(word_text);
  if (!words || !word || key.address_bit >= 63) return fail("");
  if (op == "write") return nullptr;
  if (op != "read") return fail("");
  const std::uint64_t weights = odd_sum(*words, key.address_bit, key.half);
  return std::make_unique<Known>(digest_word(*word) * weights);
}

Expected<Answer> stripe_answer(std::istream& in, const WorkKey& key) {
  const auto words = read_words(in);
  std::uint64_t phase = kStripe;
  std::string op, which, sense;
  in >> op >> phase >> which >> sense;
  const bool known =
      (which == "own" || which == "others") && (sense == "plain" || sense == "inverted");
  if (!words || !in || phase >= kStripe || !known) return fail("");
  if (op == "write") return nullptr;
  if (op != "read") return fail("");
  const std::uint64_t word = stripe_word(key.pattern, phase, sense == "inverted");
  const std::uint64_t weights = stripe_sum(*words, phase, which == "others");
  return std::make_unique<Known>(digest_word(word) * weights);
}

Expected<Answer> triad_answer(std::istream& in, const WorkKey& key) {
  std::string type;
  in >> type;
  const auto words = read_words(in);
  if (!words || type != "fp64") return fail("");
  return std::make_unique<TriadSum>(*words, key.pattern);
}

Expected<Answer> mix_answer(std::istream& in, const WorkKey& key) {
  std::string word;
  std::uint64_t words = 0;
  in >> word >> words;
  const auto kernel = mix_kernel_from_name(word);
  if (!in || !kernel || words > kMostMixWords) return fail("");
  return std::make_unique<MixSum>(*kernel, words, key.pattern);
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
  return std::make_unique<ReduceSum>(reduce, key.pattern);
}

Expected<Answer> answer_of(const std::string& kind, std::istream& in, const WorkKey& key) {
  if (kind == "gemm") return gemm_golden(in, key.pattern);
  if (kind == "fill" || kind == "check") return content_answer(in, key, kind == "check");
  if (kind == "sweep") return sweep_answer(in, key);
  if (kind == "stripe") return stripe_answer(in, key);
  if (kind == "triad") return triad_answer(in, key);
  if (kind == "mix") return mix_answer(in, key);
  if (kind == "reduce") return reduce_answer(in, key);
  if (kind != "copy") return fail("");
  const auto words = read_words(in);
  if (!words) return fail("");
  return std::make_unique<ContentSum>(Content::seeded, *words, key.pattern);
}

}  // namespace

Expected<Answer> golden_sum(const WorkKey& key) {
  std::istringstream in(key.work);
  std::string kind, extra;
  in >> kind;
  auto answer = answer_of(kind, in, key);
  if (answer && !(in >> extra)) return answer;
  const bool explained = !answer && !answer.error().message.empty();
  if (!explained) return fail(fmt::format("unknown work '{}'", key.work));
  return answer;
}

Expected<std::optional<std::uint64_t>> golden(const WorkKey& key) {
  const auto sum = golden_sum(key);
  if (!sum) return tl::unexpected(sum.error());
  if (*sum == nullptr) return std::nullopt;
  return (*sum)->answer((*sum)->part(0, (*sum)->elements()));
}

}  // namespace rackproof
