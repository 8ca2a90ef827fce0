// SPDX-License-Identifier: Apache-2.0
// Matrix products with every element checked, against OpenBLAS, against the same kernels unchecked,
// and against what the CPU can do at most.
#include <fmt/core.h>

#include <charconv>
#include <cstring>
#include <vector>

#include "backends/cpu/gemm_meeting.h"
#include "backends/cpu/gemm_product.h"
#include "bench/ceiling.h"
#include "bench/open_blas.h"
#include "bench/rounds.h"
#include "bench/stopwatch.h"
#include "bench/this_node.h"
#include "core/oracle.h"

namespace rackproof::bench {
namespace {

constexpr auto kBurst = std::chrono::milliseconds(200);  // as in a step
constexpr auto kSection = std::chrono::milliseconds(10);
constexpr std::uint64_t kBurstsPerPattern = 16;

double operations(std::int64_t size) { return 2.0 * static_cast<double>(size * size * size); }

struct Settings {
  std::int64_t size = 4096;
  int rounds = 9;
  Time time = Time::wall;
  unsigned cores = 0;  // all

  [[nodiscard]] Stopwatch watch() const { return {time, cores}; }
};

// Calls `product` for about a burst; returns operations a second.
template <class Fn>
double rate_of(const Settings& settings, const Fn& product) {
  const Clock::time_point start = Clock::now();
  const Stopwatch watch = settings.watch();
  double calls = 0;
  do {
    product();
    ++calls;
  } while (Clock::now() - start < kBurst);
  return calls * operations(settings.size) / watch.seconds();
}

// As a stressor runs it: everything that a burst counts as its time.
class Checked {
 public:
  Checked(const std::shared_ptr<cpu::Node>& node, DType in, const Settings& settings)
      : settings_(settings),
        device_(node, {}),
        prepared_(ready(device_, Gemm{in, in == DType::i8 ? DType::i32 : in, settings.size,
                                      settings.size, settings.size, Operands::exact})) {}
  double rate() {
    const std::uint64_t pattern = 1 + bursts_ / kBurstsPerPattern;
    if (bursts_++ % kBurstsPerPattern == 0)  // a burst's time starts when operands are in place
      wrong_ += prepared_->run({.iterations = 1, .pattern = pattern}).miscompares;
    const Stopwatch watch = settings_.watch();
    const Burst burst = prepared_->run({.until = Clock::now() + kBurst, .pattern = pattern});
    const double seconds = watch.seconds();
    wrong_ += burst.miscompares;
    return burst.flops / seconds;
  }
  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }

 private:
  const Settings& settings_;
  cpu::CpuDevice device_;
  std::unique_ptr<Prepared> prepared_;
  std::uint64_t bursts_ = 0, wrong_ = 0;
};

// The same kernels in sections of the same length, with nobody looking.
template <class T>
class Unchecked {
 public:
  Unchecked(cpu::Node& node, DType in, const Settings& settings)
      : settings_(settings), threads_(node.threads()), product_(node, problem(in, settings.size)) {
    product_.place_operands(1);
  }
  double rate() {
    const Clock::time_point end = Clock::now() + kBurst;
    const Stopwatch watch = settings_.watch();
    double products = 0;
    do {
      products += section();
    } while (Clock::now() < end);
    return products * operations(settings_.size) / watch.seconds();
  }

 private:
  double section() {
    const Clock::time_point end = Clock::now() + kSection;
    cpu::Meeting meeting(threads_.count());
    double products = 0;
    bool more = true;
    const auto finish = [&] {
      ++products;
      more = Clock::now() < end;
      if (more) product_.next_turn();
    };
    product_.next_turn();
    threads_.run([&](unsigned core) {
      do {
        product_.multiply_slice_of(core);
      } while (meeting.meet(finish) && more);
    });
    return products;
  }

  static cpu::Problem<T> problem(DType in, std::int64_t size) {
    const auto n = static_cast<std::uint64_t>(size);
    return {n, n, n, Operands::exact, exact_bound(in, in == DType::i8 ? DType::i32 : in, size)};
  }
  const Settings& settings_;
  cpu::Threads& threads_;
  cpu::Product<T> product_;
};

template <class T>
class Peer {
 public:
  Peer(const OpenBlas& blas, const Settings& settings)
      : blas_(blas),
        settings_(settings),
        a_(static_cast<std::size_t>(settings.size * settings.size)),
        b_(a_.size()),
        c_(a_.size()) {
    for (std::size_t i = 0; i < a_.size(); ++i) {
      a_[i] = static_cast<T>(random_fp32(pattern_word(1, i)));
      b_[i] = static_cast<T>(random_fp32(pattern_word(2, i)));
    }
  }
  double rate() {
    return rate_of(settings_, [&] {
      blas_.multiply(static_cast<int>(settings_.size), a_.data(), b_.data(), c_.data());
    });
  }

 private:
  const OpenBlas& blas_;
  const Settings& settings_;
  std::vector<T> a_, b_, c_;
};

class Bench {
 public:
  Bench(const Settings& settings, const OpenBlas* blas)
      : settings_(settings),
        blas_(blas),
        node_(this_node(settings.cores)),
        clock_(node_->threads()) {
    settings_.cores = node_->cores();
  }

  /// False: wrong results or impossible rates.
  bool all() {
    fmt::print("gemm {0} x {0} x {0}, every element checked, {1} cores, {2} time\n", settings_.size,
               node_->cores(), settings_.time == Time::wall ? "wall" : "core");
    const bool fp32 = floating<float>(DType::fp32), fp64 = floating<double>(DType::fp64);
    return int8() && fp32 && fp64;
  }

 private:
  template <class T>
  bool floating(DType in) {
    Checked checked(node_, in, settings_);
    Unchecked<T> unchecked(*node_, in, settings_);
    std::vector<Contender> contenders = with_clock(checked, unchecked);
    std::optional<Peer<T>> peer;
    if (blas_ != nullptr) {
      peer.emplace(*blas_, settings_);
      contenders.push_back({"OpenBLAS " + blas_->core(), [&] { return peer->rate(); }});
    }
    const Rounds rounds(contenders, settings_.rounds);
    print(in, contenders, rounds);
    if (peer) ratio(in, contenders, rounds, 2);
    return sound(in, checked, rounds, 0) && sound(in, checked, rounds, 1);
  }

  bool int8() {
    Checked checked(node_, DType::i8, settings_), fp32(node_, DType::fp32, settings_);
    Unchecked<std::int32_t> unchecked(*node_, DType::i8, settings_);
    std::vector<Contender> contenders = with_clock(checked, unchecked);
    contenders.push_back({"our fp32", [&] { return fp32.rate(); }});
    const Rounds rounds(contenders, settings_.rounds);
    print(DType::i8, contenders, rounds);
    ratio(DType::i8, contenders, rounds, 2);
    return sound(DType::i8, checked, rounds, 0) && sound(DType::i8, checked, rounds, 1);
  }

  template <class T>
  std::vector<Contender> with_clock(Checked& checked, Unchecked<T>& unchecked) {
    return {{"checked", [&] { return checked.rate(); }}, {"unchecked", [&] {
                                                            clock_.probe();
                                                            return unchecked.rate();
                                                          }}};
  }

  void print(DType in, const std::vector<Contender>& contenders, const Rounds& rounds) const {
    for (std::size_t i = 0; i < contenders.size(); ++i)
      print_rate(fmt::format("{} {}", name(in), contenders[i].name), rounds.rate(i), "Gop/s");
    ratio(in, contenders, rounds, 1);
  }
  void ratio(DType in, const std::vector<Contender>& contenders, const Rounds& rounds,
             std::size_t to) const {
    print_ratio(fmt::format("{} checked / {}", name(in), contenders[to].name), rounds.ratio(0, to),
                settings_.rounds);
  }

  bool sound(DType in, const Checked& checked, const Rounds& rounds, std::size_t contender) const {
    if (checked.wrong() != 0) fmt::print("  {} wrong elements\n", checked.wrong());
    const double ceiling = operations_per_cycle(in) * clock_.hz() * node_->cores();
    return below_ceiling(fmt::format("{} {} / ceiling at {:.2f} GHz", name(in),
                                     contender == 0 ? "checked" : "unchecked", clock_.hz() / 1e9),
                         rounds.best(contender), ceiling) &&
           checked.wrong() == 0;
  }

  Settings settings_;
  const OpenBlas* blas_;
  std::shared_ptr<cpu::Node> node_;
  ClockProbe clock_;
};

bool number(const char* text, auto& value) {
  return std::from_chars(text, text + std::strlen(text), value).ec == std::errc() && value > 0;
}

int main_with(int argc, char** argv) {
  Settings settings;
  const std::string time = argc > 3 ? argv[3] : "wall";
  const bool usable = argc <= 6 && (argc < 2 || number(argv[1], settings.size)) &&
                      (argc < 3 || number(argv[2], settings.rounds)) &&
                      (time == "wall" || time == "core") &&
                      (argc < 5 || number(argv[4], settings.cores));
  if (!usable) {
    fmt::print(stderr, "usage: gemm_bench [SIZE=4096 [ROUNDS=9 [wall|core [CORES [CORETYPE]]]]]\n");
    return 64;
  }
  settings.time = time == "core" ? Time::core : Time::wall;
  const auto blas = OpenBlas::load(this_node(settings.cores)->cores(), argc > 5 ? argv[5] : "");
  if (!blas) fmt::print("no libopenblas0-pthread here: no peer\n");
  return Bench(settings, blas.get()).all() ? 0 : 1;
}

}  // namespace
}  // namespace rackproof::bench

int main(int argc, char** argv) { return rackproof::bench::main_with(argc, argv); }
