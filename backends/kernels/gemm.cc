// SPDX-License-Identifier: Apache-2.0
// Gemm: every element of every iteration is compared on the device with a product that the host
// vouched for, and every operand once a burst with the pattern. Signs alternate (gemm_product.h),
// so that a product that was not computed is not mistaken for the one before.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "backends/kernels/batches.h"
#include "backends/kernels/gemm_product.h"
#include "backends/kernels/gemm_samples.h"
#include "backends/kernels/gemm_vouching.h"
#include "backends/kernels/host_words.h"
#include "backends/kernels/prepared.h"
#include "backends/kernels/strikes.h"
#include "core/pace.h"

namespace rackproof::kernels {
namespace {

class PreparedGemm : public Prepared {
 public:
  PreparedGemm(const std::shared_ptr<Card>& card, const Problem& problem)
      : card_(card),
        problem_(problem),
        lanes_(card),
        product_(card, lanes_, problem),
        vouched_(
            std::make_shared<Memory>(card, product_.memory()->size_bytes(), Place::device, true)),
        ledger_(lanes_, product_.groups()),
        batches_(lanes_) {
    problem_.roundoff = product_.roundoff();
    if (auto reason = why_no_samples(problem_); !reason.empty()) throw Refused{std::move(reason)};
    product_.settle();
  }

  Burst run(const RunFor& how) override {
    for (Strikes* strikes : {&on_results_, &on_memory_, &on_operands_}) strikes->begin();
    ledger_.clear();
    DigestFold digest;
    place(how.pattern, digest);
    strike_operands();
    const Pace pace(how);
    Burst burst;
    const auto multiply = [this] {
      product_.multiply();
      strike_results();
      product_.compare(*vouched_, ledger_);
      ledger_.fold();
    };
    const auto sign = [this] { return static_cast<std::uint64_t>(product_.sign()); };
    burst.iterations = batches_.run(pace, how, {multiply, sign, on_results_.any()});
    digest.add(ledger_.folded(burst.iterations));
    burst.digest = close(how, digest);
    burst.method = product_.algorithm();
    count_work(burst);
    ledger_.write_to(burst);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    if (fault.site == FaultSite::operand) return on_operands_.arm(fault, fault.site);
    if (fault.site == FaultSite::memory) return on_memory_.arm(fault, fault.site);
    return on_results_.arm(fault, FaultSite::result);
  }

 private:
  // All that depends on the pattern alone. The product that is to be vouched for is checked as all
  // others are.
  void place(std::uint64_t pattern, DigestFold& digest) {
    if (placed_ == pattern) return;
    placed_.reset();
    product_.place_operands(pattern);
    product_.multiply();
    if (problem_.operands == Operands::exact) strike_results();  // the others take what they get
    vouch(pattern);
    product_.compare(*vouched_, ledger_);
    digest.add(ledger_.take_digest());
    placed_ = pattern;
  }

  static constexpr std::uint64_t kMostRows = 32;

  void vouch(std::uint64_t pattern) {
    vouched_->changed();
    vouched_whole_ = true;
    if (problem_.sparse()) {
      put_rows(pattern, 0, problem_.m);
    } else {
      product_.copy_to(*vouched_);
    }
    if (problem_.operands == Operands::exact) {
      freivalds_.emplace(problem_, pattern);
      right_rows(pattern, freivalds_->wrong_rows(product_.residues(*vouched_, freivalds_->v())));
    }
    product_.digest(*vouched_, ledger_);
    vouched_digest_ = ledger_.take_digest();
  }

  // A row takes the host a good part of a second at 8192: where a device gets nothing right, some
  // show it, and it is not the host that keeps silent for an hour. The next burst begins anew.
  void right_rows(std::uint64_t pattern, const std::vector<std::uint64_t>& wrong) {
    const std::uint64_t count = std::min<std::uint64_t>(wrong.size(), kMostRows);
    for_parts(count, 1, [&](const Range& part) {
      for (std::uint64_t i = part.first; i < part.last; ++i)
        put_rows(pattern, wrong[i], wrong[i] + 1);
    });
    vouched_whole_ = count == wrong.size();
  }

  void put_rows(std::uint64_t pattern, std::uint64_t first, std::uint64_t last) {
    if (size_of(problem_.acc) == 4)
      put_rows_as<std::uint32_t>(pattern, first, last);
    else
      put_rows_as<std::uint64_t>(pattern, first, last);
  }

  template <class T>
  void put_rows_as(std::uint64_t pattern, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t i = first; i < last; ++i) {
      const std::vector<T> row = right_row<T>(problem_, pattern, i);
      card_->write(vouched_->buffer(), i * problem_.n * sizeof(T), row.size() * sizeof(T),
                   row.data());
    }
  }

  void strike_results() {
    if (!on_results_.any()) return;
    lanes_.finish();
    on_results_.hit({product_.memory(), problem_.elements(), problem_.acc});
  }

  void strike_operands() {
    if (!on_operands_.any()) return;
    lanes_.finish();
    Target target{product_.operands(), problem_.operand_elements(), problem_.in};
    target.operands = true;
    target.first_element = problem_.elements();
    target.position = [this](std::uint64_t element) { return product_.operand_place(element); };
    on_operands_.hit(target);
    product_.operands_changed();
    placed_.reset();  // what lies there is not what was placed
  }

  // What the burst arrived at: the last product's digest, spoiled unless every iteration read the
  // same elements, so that a wrong one in the middle shows even if the compare were blind.
  std::uint64_t close(const RunFor& how, DigestFold digest) {
    product_.digest(*product_.memory(), ledger_);
    const std::uint64_t last = ledger_.take_digest();
    const std::optional<std::uint64_t> fingerprint = fingerprint_of_last();
    check_vouched();
    if (!vouched_whole_) placed_.reset();
    if (problem_.operands == Operands::random) sample(how);
    product_.check_operands(how.pattern, ledger_);
    const std::uint64_t operands = ledger_.take_digest();
    digest.add(last);
    if (problem_.operands == Operands::random) return digest.value();
    if (!fingerprint) return join_digests(digest.value(), operands);
    const bool same = digest.value() == last;
    return join_digests(same ? *fingerprint : mix64(*fingerprint ^ mix64(digest.value())),
                        operands);
  }

  std::optional<std::uint64_t> fingerprint_of_last() {
    if (problem_.operands != Operands::exact) return std::nullopt;
    return freivalds_->fingerprint(product_.residues(*product_.memory(), freivalds_->v()));
  }

  // A vouched copy that changed is a fault of this device's memory: what the last product has in
  // its place is taken for right. It is made anew in the next burst.
  void check_vouched() {
    if (on_memory_.any()) {
      lanes_.finish();
      on_memory_.hit({vouched_, problem_.elements(), problem_.acc});
    }
    product_.digest(*vouched_, ledger_);
    const std::uint64_t now = ledger_.take_digest();
    if (now == vouched_digest_) return;
    placed_.reset();
    const std::uint64_t before = ledger_.wrong();
    product_.compare_with_last(*vouched_, ledger_);
    (void)ledger_.take_digest();
    if (ledger_.wrong() == before) ledger_.add(1, {{.expected = vouched_digest_, .got = now}});
  }

  void sample(const RunFor& how) {
    const auto turned = [&](std::uint64_t bits) {
      return with_sign(bits, problem_.acc, product_.sign());
    };
    for (const Line& line : sampled_lines(problem_, how.sample)) {
      auto got = product_.read(line.first, line.step, line.count);
      std::ranges::transform(got, got.begin(), turned);
      for (Miscompare found : check_line(problem_, how.pattern, line, got)) {
        const unsigned width = size_of(problem_.acc);
        if (vouched_->peek(found.element * width, width) != found.got) continue;  // compared, found
        found.expected = turned(found.expected);
        found.got = turned(found.got);
        found.tile = product_.tile_of(found.element);
        found.core = product_.core_of(found.tile);
        ledger_.add(1, {found});
      }
    }
  }

  void count_work(Burst& burst) const {
    const auto m = static_cast<double>(problem_.m), n = static_cast<double>(problem_.n),
               k = static_cast<double>(problem_.k);
    const auto iterations = static_cast<double>(burst.iterations);
    burst.flops = 2 * m * n * k * iterations;
    burst.bytes =
        ((m * k + k * n) * size_of(problem_.in) + m * n * size_of(problem_.acc)) * iterations;
  }

  std::shared_ptr<Card> card_;
  Problem problem_;
  Lanes lanes_;
  Product product_;
  std::shared_ptr<Memory> vouched_;
  Ledger ledger_;
  Batches batches_;
  std::optional<Freivalds> freivalds_;
  std::uint64_t vouched_digest_ = 0;
  bool vouched_whole_ = true;            // else rows of it are what the device got, and wrong
  std::optional<std::uint64_t> placed_;  // the pattern whose operands are there
  Strikes on_results_;                   // between kernel and compare
  Strikes on_memory_;                    // on the vouched copy, before its own check
  Strikes on_operands_;                  // once they are placed
};

std::string why_not(const Card& card, const Gemm& gemm) {
  constexpr std::int64_t kMost = 1 << 20;
  if (std::min({gemm.m, gemm.n, gemm.k}) < 1 || std::max({gemm.m, gemm.n, gemm.k}) > kMost)
    return fmt::format("gemm {} x {} x {}: sizes are 1 ... {}", gemm.m, gemm.n, gemm.k, kMost);
  const DType acc = gemm.in == DType::i8     ? DType::i32
                    : gemm.in == DType::fp64 ? DType::fp64
                                             : DType::fp32;
  if (gemm.in == DType::i32 || gemm.acc != acc) {
    return fmt::format(
        "gemm of {} into {}: this back end sums int8 in int32, fp64 in fp64, "
        "all others in fp32",
        name(gemm.in), name(gemm.acc));
  }
  if (acc == DType::fp64 && !card.traits().fp64)
    return fmt::format("{} has no fp64 ({})", card.id(), card.traits().no_fp64);
  if (gemm.operands == Operands::exact) {
    if (auto reason = why_not_exact(gemm.in, gemm.acc, gemm.k); !reason.empty()) return reason;
  }
  if (gemm.operands != Operands::exact && gemm.in == DType::i8)
    return fmt::format("int8 has no {} operands", name(gemm.operands));
  return "";
}

}  // namespace

Preparation prepare_gemm(std::shared_ptr<Card> card, const Gemm& gemm) {
  if (auto reason = why_not(*card, gemm); !reason.empty()) return Unsupported{std::move(reason)};
  Problem problem;
  problem.m = static_cast<std::uint64_t>(gemm.m);
  problem.n = static_cast<std::uint64_t>(gemm.n);
  problem.k = static_cast<std::uint64_t>(gemm.k);
  problem.in = gemm.in;
  problem.acc = gemm.acc;
  problem.operands = gemm.operands;
  if (gemm.operands == Operands::exact) problem.bound = exact_bound(gemm.in, gemm.acc, gemm.k);
  return std::make_unique<PreparedGemm>(card, problem);
}

}  // namespace rackproof::kernels
