// SPDX-License-Identifier: Apache-2.0
// Gemm: every element of every iteration is compared with a product that was vouched for apart from
// the kernel; which core computes which slice moves on with every iteration.
#include <fmt/format.h>

#include <atomic>
#include <optional>

#include "backends/cpu/gemm_meeting.h"
#include "backends/cpu/gemm_product.h"
#include "backends/cpu/gemm_samples.h"
#include "backends/cpu/gemm_vouched.h"
#include "backends/cpu/prepared.h"
#include "backends/cpu/strikes.h"

namespace rackproof::cpu {
namespace {

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
  PreparedGemm(std::shared_ptr<Node> node, const Problem<T>& problem)
      : node_(std::move(node)),
        threads_(node_->threads()),
        problem_(problem),
        kernels_(gemm_kernels()),
        product_(*node_, problem),
        vouched_(problem, node_->allocate(problem.elements() * sizeof(T), Place::device),
                 threads_) {}

  Burst run(const RunFor& how) override {
    Tally tally(node_->cores());
    DigestFold digest;
    strikes_.begin();
    memory_strikes_.begin();
    place_operands(how.pattern, digest, tally);
    const Pace pace(how);
    Burst burst;
    while (pace.more(burst.iterations)) iterate(pace, burst.iterations, digest, tally);
    burst.digest = close(how, digest, tally);
    count_work(burst);
    tally.write_to(burst);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    auto armed = strikes_.arm(fault, FaultSite::result);
    return armed ? std::move(armed) : memory_strikes_.arm(fault, FaultSite::memory);
  }

 private:
  // Everything that depends on the pattern alone and has no part in the burst's time. The product
  // that is to be vouched for is checked as all others are.
  void place_operands(std::uint64_t pattern, DigestFold& digest, Tally& tally) {
    if (placed_ == pattern) return;
    placed_.reset();
    product_.place_operands(pattern);
    vouched_.start(pattern);
    if (!vouched_.ready()) {
      product_.multiply();
      if (problem_.operands == Operands::exact)
        strike();  // the others cannot tell right from wrong
      vouched_.take(product_.elements());
      std::atomic<std::uint64_t> sum{0};
      threads_.run([&](unsigned core) { sum += compare(core, tally); });
      tally.collect();
      digest.add(sum);
    }
    placed_ = pattern;
  }

  void strike() { strikes_.hit({product_.memory(), problem_.elements(), kType<T>}); }

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
                                count, first, findings);
    } else {
      return kernels_.compare64(got.as<std::uint64_t>() + first, right.as<std::uint64_t>() + first,
                                count, first, findings);
    }
  }

  // Whether what the burst was compared with is still what was vouched for. Returns what the burst
  // arrived at: the last product's digest, spoiled unless every iteration read the same elements,
  // so that a wrong one in the middle shows even if the compare were blind.
  std::uint64_t close(const RunFor& how, DigestFold digest, Tally& tally) {
    const std::uint64_t last = digest_of(product_.elements(), problem_.elements(), threads_);
    const std::optional<std::uint64_t> fingerprint = vouched_.fingerprint(product_.elements());
    memory_strikes_.hit({vouched_.memory(), problem_.elements(), kType<T>});
    check_vouched(last, tally);
    if constexpr (!std::is_same_v<T, std::int32_t>) {
      if (problem_.operands == Operands::random) sample(how, tally);
    }
    tally.collect();
    digest.add(last);
    if (!fingerprint) return digest.value();
    return digest.value() == last ? *fingerprint : mix64(*fingerprint ^ mix64(digest.value()));
  }

  void count_work(Burst& burst) const {
    const auto m = static_cast<double>(problem_.m), n = static_cast<double>(problem_.n),
               k = static_cast<double>(problem_.k);
    const double operand_bytes = std::is_same_v<T, std::int32_t> ? 1 : sizeof(T);
    burst.flops = 2 * m * n * k * static_cast<double>(burst.iterations);
    burst.bytes = ((m * k + k * n) * operand_bytes + m * n * sizeof(T)) *
                  static_cast<double>(burst.iterations);
  }

  void sample(const RunFor& how, Tally& tally) {
    for (const Miscompare& found :
         check_samples(problem_, how.pattern, how.sample, product_.elements(), threads_)) {
      if (bits_of(product_.elements()[found.element]) !=
          bits_of(vouched_.elements()[found.element]))
        continue;  // counted by compare()
      tally.of(product_.owner_of(found.element)).add(found.element, found.expected, found.got);
    }
  }

  // A vouched copy that changed is a fault of this node's memory; it is made anew in the next
  // burst.
  void check_vouched(std::uint64_t last, Tally& tally) {
    const auto found = [&](std::uint64_t element, std::uint64_t expected, std::uint64_t held) {
      tally.of(product_.owner_of(element)).add(element, expected, held);
    };
    if (!vouched_.intact(product_.elements(), last, found)) placed_.reset();
  }

  std::shared_ptr<Node> node_;
  Threads& threads_;
  Problem<T> problem_;
  GemmKernels kernels_;
  Product<T> product_;
  Vouched<T> vouched_;
  std::optional<std::uint64_t> placed_;  // the pattern whose operands are there
  Strikes strikes_;                      // on C, between kernel and compare
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
  if (gemm.operands == Operands::exact && problem.bound < 1) {
    return Unsupported{fmt::format("no exact operands of {} sum up {} products in {}",
                                   name(gemm.in), gemm.k, name(gemm.acc))};
  }
  return std::make_unique<PreparedGemm<T>>(std::move(node), problem);
}

}  // namespace

Preparation prepare_gemm(std::shared_ptr<Node> node, const Gemm& gemm) {
  constexpr std::int64_t kMost = 1 << 20;
  if (std::min({gemm.m, gemm.n, gemm.k}) < 1 || std::max({gemm.m, gemm.n, gemm.k}) > kMost) {
    return Unsupported{
        fmt::format("gemm {} x {} x {}: sizes are 1 ... {}", gemm.m, gemm.n, gemm.k, kMost)};
  }
  if (gemm.in == DType::fp32 && gemm.acc == DType::fp32) return make<float>(std::move(node), gemm);
  if (gemm.in == DType::fp64 && gemm.acc == DType::fp64) return make<double>(std::move(node), gemm);
  if (gemm.in != DType::i8 || gemm.acc != DType::i32) {
    return Unsupported{
        fmt::format("gemm of {} into {}: the CPU back end has int8 into int32, fp32 and fp64",
                    name(gemm.in), name(gemm.acc))};
  }
  if (gemm.operands != Operands::exact)
    return Unsupported{fmt::format("int8 has no {} operands", name(gemm.operands))};
  return make<std::int32_t>(std::move(node), gemm);
}

}  // namespace rackproof::cpu
