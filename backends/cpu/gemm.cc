// SPDX-License-Identifier: Apache-2.0
// Gemm: every element of every iteration is compared with a product that was vouched for apart from
// the kernel; which core computes which slice moves on with every iteration.
#include <fmt/format.h>

#include <optional>

#include "backends/cpu/gemm_blocks.h"
#include "backends/cpu/gemm_oracle.h"
#include "backends/cpu/gemm_samples.h"
#include "backends/cpu/prepared.h"
#include "backends/cpu/strikes.h"

namespace rackproof::cpu {
namespace {

const TileKernel<std::int32_t>& tile_of(const GemmKernels& kernels, std::int32_t) {
  return kernels.i8;
}
const TileKernel<float>& tile_of(const GemmKernels& kernels, float) { return kernels.fp32; }
const TileKernel<double>& tile_of(const GemmKernels& kernels, double) { return kernels.fp64; }

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
        tile_(tile_of(kernels_, T{})),
        row_panels_(panels_of(problem.m, tile_.rows)),
        column_panels_(panels_of(problem.n, tile_.columns)),
        depth_(depth_of<T>(problem.k)),
        grid_(row_panels_, column_panels_, node_->cores()),
        a_(allocate(row_panels_ * tile_.rows * depth_)),
        b_(allocate(column_panels_ * tile_.columns * depth_)),
        c_(allocate(problem.elements())),
        vouched_(allocate(problem.elements())) {}

  Burst run(const RunFor& how) override {
    place_operands(how.pattern);
    strikes_.begin();
    memory_strikes_.begin();
    const Pace pace(how);
    Tally tally(node_->cores());
    Burst burst;
    while (pace.more(burst.iterations)) {
      multiply();
      strikes_.hit({c_, problem_.elements(), kType<T>});
      if (!have_vouched_) vouch(how.pattern);
      compare(tally);
      ++burst.iterations;
    }
    close(how, tally, burst);
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
  [[nodiscard]] std::shared_ptr<NodeMemory> allocate(std::uint64_t elements) const {
    return node_->allocate(elements * sizeof(T), Place::device);
  }
  [[nodiscard]] T* c() const { return c_->as<T>(); }
  [[nodiscard]] T* vouched() const { return vouched_->as<T>(); }

  // Everything that depends on the pattern alone and has no part in the burst's time.
  void place_operands(std::uint64_t pattern) {
    if (placed_ == pattern) return;
    placed_.reset();
    have_vouched_ = false;
    pack(pattern);
    if (problem_.operands == Operands::exact) freivalds_.emplace(problem_, pattern, threads_);
    if (problem_.operands == Operands::error_free) vouch_by_products(pattern);
    if (problem_.operands == Operands::random) vouch_by_first_result();
    placed_ = pattern;
  }

  void pack(std::uint64_t pattern) {
    threads_.run([&](unsigned core) {
      const Range rows = share(row_panels_, core, threads_.count()),
                  columns = share(column_panels_, core, threads_.count());
      for (std::uint64_t p = rows.first; p < rows.last; ++p) {
        pack_a(problem_, pattern, p, tile_.rows, a_->as<T>() + p * tile_.rows * depth_);
      }
      for (std::uint64_t p = columns.first; p < columns.last; ++p) {
        pack_b(problem_, pattern, p, tile_.columns, b_->as<T>() + p * tile_.columns * depth_);
      }
    });
  }

  // Which slice a core computes in this turn.
  [[nodiscard]] Slice slice_of(unsigned core) const {
    return grid_.slice((core + turn_) % threads_.count());
  }

  void multiply() {
    ++turn_;
    threads_.run([&](unsigned core) {
      const Slice slice = slice_of(core);
      if (!slice.empty()) multiply_slice(tile_, problem_, a_->as<T>(), b_->as<T>(), slice, c());
    });
  }

  template <class RowWork>
  void for_rows(const RowWork& work) {
    threads_.run([&](unsigned core) {
      const Range rows = share(problem_.m, (core + 1) % threads_.count(), threads_.count());
      for (std::uint64_t i = rows.first; i < rows.last; ++i) work(i);
    });
  }

  // The first result is the candidate; rows that fail Freivalds' check are computed outright.
  void vouch(std::uint64_t pattern) {
    for_rows([&](std::uint64_t i) {
      const T* candidate = c() + i * problem_.n;
      T* row = vouched() + i * problem_.n;
      if (freivalds_->right(i, freivalds_->residue_of(candidate))) {
        std::copy_n(candidate, problem_.n, row);
        // The copy is vouched for as well: what was checked may not be what was copied.
        if (freivalds_->right(i, freivalds_->residue_of(row))) return;
      }
      right_row(problem_, pattern, i, row);
    });
    remember_vouched();
  }

  void vouch_by_products(std::uint64_t pattern) {
    for_rows([&](std::uint64_t i) { right_row(problem_, pattern, i, vouched() + i * problem_.n); });
    remember_vouched();
  }

  // Repeatability is no golden: check_samples() judges the values.
  void vouch_by_first_result() {
    multiply();
    for_rows([&](std::uint64_t i) {
      std::copy_n(c() + i * problem_.n, problem_.n, vouched() + i * problem_.n);
    });
    remember_vouched();
  }

  void remember_vouched() {
    vouched_digest_ = digest_of(vouched(), problem_.elements(), threads_);
    have_vouched_ = true;
  }

  // The next core compares what a core computed; what it finds is the computing core's.
  void compare(Tally& tally) {
    threads_.run([&](unsigned core) {
      const unsigned owner = (core + 1) % threads_.count();
      const Slice slice = slice_of(owner);
      if (slice.empty()) return;
      compare_slice(slice, tally.of(owner));
      tally.checked(owner);
    });
    tally.collect();
  }

  void compare_slice(const Slice& slice, Findings& findings) const {
    const std::uint64_t first_row = slice.rows.first * tile_.rows,
                        first = slice.columns.first * tile_.columns;
    const std::uint64_t last_row = std::min(problem_.m, slice.rows.last * tile_.rows);
    const std::uint64_t count = std::min(problem_.n, slice.columns.last * tile_.columns) - first;
    for (std::uint64_t i = first_row; i < last_row; ++i)
      compare_run(i * problem_.n + first, count, findings);
  }

  void compare_run(std::uint64_t first, std::uint64_t count, Findings& findings) const {
    if constexpr (sizeof(T) == 4) {
      kernels_.compare32(c_->as<std::uint32_t>() + first, vouched_->as<std::uint32_t>() + first,
                         count, first, findings);
    } else {
      kernels_.compare64(c_->as<std::uint64_t>() + first, vouched_->as<std::uint64_t>() + first,
                         count, first, findings);
    }
  }

  // What the burst arrived at, and whether what it was compared with is still what was vouched for.
  void close(const RunFor& how, Tally& tally, Burst& burst) {
    const std::uint64_t last = digest_of(c(), problem_.elements(), threads_);
    burst.digest = freivalds_ ? freivalds_->fingerprint(c(), threads_) : last;
    memory_strikes_.hit({vouched_, problem_.elements(), kType<T>});
    check_vouched(last, tally);
    if constexpr (!std::is_same_v<T, std::int32_t>) {
      if (problem_.operands == Operands::random) sample(how, tally);
    }
    tally.collect();
    const auto m = static_cast<double>(problem_.m), n = static_cast<double>(problem_.n),
               k = static_cast<double>(problem_.k);
    const double operand_bytes = std::is_same_v<T, std::int32_t> ? 1 : sizeof(T);
    burst.flops = 2 * m * n * k * static_cast<double>(burst.iterations);
    burst.bytes = ((m * k + k * n) * operand_bytes + m * n * sizeof(T)) *
                  static_cast<double>(burst.iterations);
  }

  void sample(const RunFor& how, Tally& tally) {
    for (const Miscompare& found :
         check_samples(problem_, how.pattern, how.sample, c(), threads_)) {
      if (bits_of(c()[found.element]) != bits_of(vouched()[found.element]))
        continue;  // counted by compare()
      tally.of(owner_of(found.element)).add(found.element, found.expected, found.got);
    }
  }

  // A vouched copy that changed is a fault of this node's memory. What the device just computed
  // again tells which elements; where it does not, the copy is made anew in the next burst.
  void check_vouched(std::uint64_t last, Tally& tally) {
    const std::uint64_t now = digest_of(vouched(), problem_.elements(), threads_);
    if (now == vouched_digest_) return;
    placed_.reset();
    if (last != vouched_digest_) return tally.of(0).add(0, vouched_digest_, now);
    for (std::uint64_t e = 0; e < problem_.elements(); ++e) {
      const std::uint64_t right = bits_of(c()[e]), held = bits_of(vouched()[e]);
      if (right != held) tally.of(owner_of(e)).add(e, right, held);
    }
  }

  // The core that computed an element in the turn just done.
  [[nodiscard]] unsigned owner_of(std::uint64_t element) const {
    const std::uint64_t row = element / problem_.n / tile_.rows,
                        column = element % problem_.n / tile_.columns;
    const auto holds = [](const Range& r, std::uint64_t x) { return x >= r.first && x < r.last; };
    for (unsigned core = 0; core < threads_.count(); ++core) {
      const Slice slice = slice_of(core);
      if (holds(slice.rows, row) && holds(slice.columns, column)) return core;
    }
    return 0;
  }

  std::shared_ptr<Node> node_;
  Threads& threads_;
  Problem<T> problem_;
  GemmKernels kernels_;
  TileKernel<T> tile_;
  std::uint64_t row_panels_, column_panels_, depth_;
  Grid grid_;
  std::shared_ptr<NodeMemory> a_, b_, c_, vouched_;
  std::uint64_t turn_ = 0;
  std::optional<std::uint64_t> placed_;  // the pattern whose operands are there
  std::optional<Freivalds<T>> freivalds_;
  bool have_vouched_ = false;
  std::uint64_t vouched_digest_ = 0;
  Strikes strikes_;         // on C, between kernel and compare
  Strikes memory_strikes_;  // on the vouched copy, before its own check
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
