// SPDX-License-Identifier: Apache-2.0
// Gemm: every element of every iteration is compared with a product that was vouched for apart from
// the kernel; which core computes which slice moves on with every iteration, and signs alternate,
// so that a product that was not computed is not mistaken for the one before. Floating types below
// fp32 run in the fp32 units: their operands are values of the type, kept as fp32.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>

#include "backends/cpu/gemm_meeting.h"
#include "backends/cpu/gemm_product.h"
#include "backends/cpu/gemm_row_sums.h"
#include "backends/cpu/gemm_samples.h"
#include "backends/cpu/gemm_vouched.h"
#include "backends/cpu/prepared.h"
#include "backends/cpu/strikes.h"

namespace rackproof::cpu {
namespace {

constexpr int kAttempts = 2;  // at what every burst of a pattern rests on
constexpr auto kSection = std::chrono::milliseconds(10);  // then others get their turn

template <class T>
constexpr DType kType = DType::i32;
template <>
constexpr DType kType<float> = DType::fp32;
template <>
constexpr DType kType<double> = DType::fp64;

template <class T>
class PreparedGemm : public Prepared {
 public:
  PreparedGemm(std::shared_ptr<Node> node, const Problem<T>& problem, DType in)
      : node_(std::move(node)),
        threads_(node_->threads()),
        in_(in),
        problem_(problem),
        kernels_(gemm_kernels()),
        product_(*node_, problem),
        vouched_(problem, node_->allocate(problem.elements() * sizeof(T), Place::device),
                 threads_) {}

  Burst run(const RunFor& how) override {
    Tally tally(node_->cores());
    DigestFold digest;
    for (Strikes* strikes : {&result_strikes_, &operand_strikes_, &memory_strikes_})
      strikes->begin();
    place(how.pattern, digest, tally);
    operand_strikes_.hit(product_.operands().target());
    const Pace pace(how);
    Burst burst;
    while (pace.more(burst.iterations)) iterate(pace, burst.iterations, digest, tally);
    burst.digest = close(how, digest, tally);
    count_work(burst);
    tally.write_to(burst);
    number_tiles(burst);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    auto armed = result_strikes_.arm(fault, FaultSite::result);
    if (!armed) armed = operand_strikes_.arm(fault, FaultSite::operand);
    return armed ? std::move(armed) : memory_strikes_.arm(fault, FaultSite::memory);
  }

 private:
  // Everything that depends on the pattern alone and has no part in the burst's time.
  void place(std::uint64_t pattern, DigestFold& digest, Tally& tally) {
    const bool vouched = placed_ == pattern;
    if (vouched && !operands_spoiled_) return;
    placed_.reset();
    pack(pattern, tally);
    if (!vouched) vouch(pattern, digest, tally);
    placed_ = pattern;
  }

  // What was packed is read back, so that a flip on the way does not become the truth.
  void pack(std::uint64_t pattern, Tally& tally) {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      product_.place_operands(pattern);
      const OperandState state = product_.operands().state();
      note(state.samples, state.wrong, tally);
      operand_digest_ = state.digest;
      operands_spoiled_ = state.wrong > 0;
      if (!operands_spoiled_) return;
    }
  }

  // The product that is to be vouched for is checked as all others are.
  void vouch(std::uint64_t pattern, DigestFold& digest, Tally& tally) {
    vouched_.start(pattern);
    if (vouched_.ready()) return;
    product_.multiply();
    if (!product_.operands().intact()) {
      (void)held_operands(tally);
      pack(pattern, tally);
      product_.multiply();
    }
    if (problem_.operands == Operands::exact) strike();  // the others cannot tell right from wrong
    vouched_.take(product_.elements(), product_.sign());
    if constexpr (!std::is_same_v<T, std::int32_t>) {
      if (problem_.operands == Operands::random) judge_rows(pattern, tally);
    }
    std::atomic<std::uint64_t> sum{0};
    threads_.run([&](unsigned core) { sum += compare(core, tally); });
    tally.collect();
    digest.add(sum);
  }

  // Random operands have no golden, but every row's sum is known. A product that does not keep to
  // it is recorded, and made once more.
  void judge_rows(std::uint64_t pattern, Tally& tally) {
    const RowSums<T> sums(problem_, pattern, threads_);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      if (attempt > 0) {
        product_.multiply();
        vouched_.take(product_.elements(), product_.sign());
      }
      const std::vector<std::uint64_t> wrong = wrong_rows(sums);
      for (std::size_t r = 0; r < wrong.size(); ++r) note_row(sums, wrong[r], r, tally);
      tally.collect();
      if (wrong.empty()) return;
    }
  }

  std::vector<std::uint64_t> wrong_rows(const RowSums<T>& sums) const {
    std::vector<std::uint64_t> wrong;
    std::mutex mutex;
    threads_.run([&](unsigned core) {
      const Range rows = share(problem_.m, owner_for(core), threads_.count());
      for (std::uint64_t i = rows.first; i < rows.last; ++i) {
        if (sums.right(i, vouched_.elements() + i * problem_.n)) continue;
        const std::lock_guard lock(mutex);
        wrong.push_back(i);
      }
    });
    std::ranges::sort(wrong);
    return wrong;
  }

  // Looks closely at the first wrong rows only; of the others, one element each is counted.
  void note_row(const RowSums<T>& sums, std::uint64_t i, std::size_t before, Tally& tally) const {
    if (before >= kMaxSamples) {
      ++tally.of(product_.owner_of(i * problem_.n)).miscompares;
      return;
    }
    for (const Miscompare& m : sums.wrong_elements(i, vouched_.elements() + i * problem_.n))
      tally.of(product_.owner_of(m.element)).add(m.element, m.expected, m.got);
  }

  void strike() { result_strikes_.hit({product_.memory(), problem_.elements(), kType<T>}); }

  // Digest of the operands as they lie there now; those that changed are packed anew for the next
  // burst.
  std::uint64_t held_operands(Tally& tally) {
    if (product_.operands().intact()) return operand_digest_;
    operands_spoiled_ = true;
    const OperandState state = product_.operands().state();
    if (state.wrong == 0)
      note({product_.operands().beyond_operands()}, 1, tally);
    else
      note(state.samples, state.wrong, tally);
    return state.digest;
  }

  void note(std::vector<Miscompare> operands, std::uint64_t count, Tally& tally) const {
    for (Miscompare& m : operands) m.core = product_.user_of(m.element - problem_.elements());
    tally.add_causes(operands, count);
  }

  // Some iterations in one section of the threads' time, so that a small product does not spend it
  // on starting and ending sections.
  void iterate(const Pace& pace, std::uint64_t& iterations, DigestFold& digest, Tally& tally) {
    const Clock::time_point end = Clock::now() + kSection;
    Meeting meeting(threads_.count());
    std::atomic<std::uint64_t> sum{0};
    bool more = true;
    const auto finish = [&] {
      tally.collect();
      digest.add(sum.exchange(0));
      more = pace.more(++iterations) && Clock::now() < end;
      if (more) product_.next_turn();
    };
    product_.next_turn();
    threads_.run([&](unsigned core) {
      try {
        do {
          product_.multiply_slice_of(core);
          if (!meeting.meet([&] { strike(); })) return;
          sum += compare(core, tally);
          if (const unsigned owner = owner_for(core); !product_.computed_by(owner).empty())
            tally.checked(owner);
        } while (meeting.meet(finish) && more);
      } catch (...) {
        meeting.leave();
        throw;
      }
    });
  }

  // The next core compares what a core computed; what it finds is the computing core's.
  [[nodiscard]] unsigned owner_for(unsigned core) const { return (core + 1) % threads_.count(); }

  // Returns the digest of all that was read.
  std::uint64_t compare(unsigned core, Tally& tally) {
    const unsigned owner = owner_for(core);
    const Slice slice = product_.computed_by(owner);
    return slice.empty() ? 0 : compare_slice(slice, tally.of(owner));
  }

  std::uint64_t compare_slice(const Slice& slice, Findings& findings) const {
    const auto& [rows, columns] = slice;
    std::uint64_t digest = 0;
    for (std::uint64_t i = rows.first; i < rows.last; ++i)
      digest += compare_run(i * problem_.n + columns.first, columns.last - columns.first, findings);
    return digest;
  }

  std::uint64_t compare_run(std::uint64_t first, std::uint64_t count, Findings& findings) const {
    const NodeMemory &got = *product_.memory(), &right = *vouched_.memory();
    if constexpr (sizeof(T) == 4) {
      return kernels_.compare32(got.as<std::uint32_t>() + first, right.as<std::uint32_t>() + first,
                                count, first, product_.sign(), findings);
    } else {
      return kernels_.compare64(got.as<std::uint64_t>() + first, right.as<std::uint64_t>() + first,
                                count, first, product_.sign(), findings);
    }
  }

  // Whether what the burst was compared with is still what was vouched for. Returns what the burst
  // arrived at: the last product's digest, spoiled unless every iteration read the same elements,
  // so that a wrong one in the middle shows even if the compare were blind.
  std::uint64_t close(const RunFor& how, DigestFold digest, Tally& tally) {
    const std::uint64_t last =
        digest_of(product_.elements(), problem_.elements(), product_.sign(), threads_);
    const std::optional<std::uint64_t> fingerprint =
        vouched_.fingerprint(product_.elements(), product_.sign());
    memory_strikes_.hit({vouched_.memory(), problem_.elements(), kType<T>});
    check_vouched(last, tally);
    if constexpr (!std::is_same_v<T, std::int32_t>) {
      if (problem_.operands == Operands::random) sample(how, tally);
    }
    tally.collect();
    digest.add(last);
    const std::uint64_t operands = held_operands(tally);
    const std::uint64_t result = result_digest(digest.value(), last, fingerprint);
    return problem_.operands == Operands::random ? result : join_digests(result, operands);
  }

  static std::uint64_t result_digest(std::uint64_t all, std::uint64_t last,
                                     std::optional<std::uint64_t> fingerprint) {
    if (!fingerprint) return all;
    return all == last ? *fingerprint : mix64(*fingerprint ^ mix64(all));
  }

  void number_tiles(Burst& burst) const {
    for (Miscompare& m : burst.samples) {
      if (m.element < problem_.elements()) m.tile = product_.tile_of_element(m.element);
    }
  }

  void count_work(Burst& burst) const {
    const auto m = static_cast<double>(problem_.m), n = static_cast<double>(problem_.n),
               k = static_cast<double>(problem_.k);
    const double operand_bytes = size_of(in_);
    burst.flops = 2 * m * n * k * static_cast<double>(burst.iterations);
    burst.bytes = ((m * k + k * n) * operand_bytes + m * n * sizeof(T)) *
                  static_cast<double>(burst.iterations);
  }

  // Of elements that are the vouched ones: compare() counted the others.
  void sample(const RunFor& how, Tally& tally) {
    for (const Miscompare& found :
         check_samples(problem_, how.pattern, how.sample, vouched_.elements(), threads_)) {
      const T last = product_.sign().turned(product_.elements()[found.element]);
      if (bits_of(last) != bits_of(vouched_.elements()[found.element])) continue;
      tally.of(product_.owner_of(found.element)).add(found.element, found.expected, found.got);
    }
  }

  // A vouched copy that changed is a fault of this node's memory; it is made anew in the next
  // burst.
  void check_vouched(std::uint64_t last, Tally& tally) {
    const auto found = [&](std::uint64_t element, std::uint64_t expected, std::uint64_t held) {
      tally.of(product_.owner_of(element)).add(element, expected, held);
    };
    if (!vouched_.intact(product_.elements(), product_.sign(), last, found)) placed_.reset();
  }

  std::shared_ptr<Node> node_;
  Threads& threads_;
  DType in_;
  Problem<T> problem_;
  GemmKernels kernels_;
  Product<T> product_;
  Vouched<T> vouched_;
  std::optional<std::uint64_t> placed_;  // the pattern whose vouched product is there
  bool operands_spoiled_ = false;        // its operands are not all as they should be
  std::uint64_t operand_digest_ = 0;     // as they were placed
  Strikes result_strikes_;               // on C, between kernel and compare
  Strikes operand_strikes_;              // on the panels, before the first product of a burst
  Strikes memory_strikes_;               // on the vouched copy, before its own check
};

template <class T>
Preparation make(std::shared_ptr<Node> node, const Gemm& gemm) {
  Problem<T> problem;
  problem.m = static_cast<std::uint64_t>(gemm.m);
  problem.n = static_cast<std::uint64_t>(gemm.n);
  problem.k = static_cast<std::uint64_t>(gemm.k);
  problem.operands = gemm.operands;
  problem.bound = exact_bound(gemm.in, gemm.acc, gemm.k);
  problem.in = gemm.in;
  if (gemm.operands == Operands::exact && problem.bound < 1)
    return Unsupported{why_not_exact(gemm.in, gemm.acc, gemm.k)};
  return std::make_unique<PreparedGemm<T>>(std::move(node), problem, gemm.in);
}

bool sums_in_fp32(DType in) {
  return in == DType::fp32 || in == DType::tf32 || in == DType::fp16 || in == DType::bf16 ||
         in == DType::fp8_e4m3 || in == DType::fp8_e5m2;
}

}  // namespace

Preparation prepare_gemm(std::shared_ptr<Node> node, const Gemm& gemm) {
  constexpr std::int64_t kMost = 1 << 20;
  if (std::min({gemm.m, gemm.n, gemm.k}) < 1 || std::max({gemm.m, gemm.n, gemm.k}) > kMost) {
    return Unsupported{
        fmt::format("gemm {} x {} x {}: sizes are 1 ... {}", gemm.m, gemm.n, gemm.k, kMost)};
  }
  if (sums_in_fp32(gemm.in) && gemm.acc == DType::fp32) return make<float>(std::move(node), gemm);
  if (gemm.in == DType::fp64 && gemm.acc == DType::fp64) return make<double>(std::move(node), gemm);
  if (gemm.in != DType::i8 || gemm.acc != DType::i32) {
    return Unsupported{fmt::format(
        "gemm of {} into {}: the CPU back end sums int8 in int32, fp64 in fp64 and the other "
        "floating types in fp32",
        name(gemm.in), name(gemm.acc))};
  }
  if (gemm.operands != Operands::exact)
    return Unsupported{fmt::format("int8 has no {} operands", name(gemm.operands))};
  return make<std::int32_t>(std::move(node), gemm);
}

}  // namespace rackproof::cpu
