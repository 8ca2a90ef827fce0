// SPDX-License-Identifier: Apache-2.0
// The load of power.hold, every element checked, against multiply-adds on registers alone.
#include <fmt/core.h>

#include <charconv>
#include <cstring>

#include "bench/ceiling.h"
#include "bench/rounds.h"
#include "bench/stopwatch.h"
#include "bench/this_node.h"
#include "core/stressor.h"
#include "stressors/compute/square_gemm.h"

namespace rackproof::bench {
namespace {

constexpr auto kBurst = std::chrono::milliseconds(200);  // as in a step

struct Settings {
  Time time = Time::wall;
  unsigned cores = 0;  // all
  int rounds = 25;
  std::int64_t size = std::get<Param>(*find_stressor("power.hold")->param("size")).fallback;
};

class Bench {
 public:
  explicit Bench(const Settings& settings)
      : settings_(settings),
        node_(this_node(settings.cores)),
        device_(node_, {}),
        clock_(node_->threads()) {}

  /// False: wrong results or impossible rates.
  bool compare(DType type) {
    const auto prepared = ready(device_, square_gemm(type, settings_.size, Operands::random));
    const Rounds rounds(
        {{"hold", [&] { return hold(*prepared); }}, {"registers", [&] { return registers(type); }}},
        settings_.rounds);
    const std::string what = fmt::format("{} hold {}", name(type), settings_.size),
                      alone = fmt::format("{} multiply-adds on registers", name(type));
    print_rate(what, rounds.rate(0), "Gop/s");
    print_rate(alone, rounds.rate(1), "Gop/s");
    print_ratio(what + " / registers", rounds.ratio(0, 1), settings_.rounds);
    const double ceiling = operations_per_cycle(type) * clock_.hz() * node_->cores();
    const bool possible = below_ceiling(what + " / ceiling", rounds.best(0), ceiling),
               alone_possible = below_ceiling(alone + " / ceiling", rounds.best(1), ceiling);
    if (wrong_ != 0) fmt::print("  {} wrong elements\n", wrong_);
    return possible && alone_possible && wrong_ == 0;
  }

 private:
  double hold(Prepared& prepared) {
    clock_.probe();
    const Stopwatch watch(settings_.time, node_->cores());
    const Burst burst =
        prepared.run({.until = Clock::now() + kBurst, .pattern = 1, .sample = ++bursts_});
    wrong_ += burst.miscompares;
    return burst.flops / watch.seconds();
  }

  double registers(DType type) {
    const Stopwatch watch(settings_.time, node_->cores());
    const double operations =
        multiply_adds(node_->threads(), type, std::chrono::duration<double>(kBurst).count());
    return operations / watch.seconds();
  }

  Settings settings_;
  std::shared_ptr<cpu::Node> node_;
  cpu::CpuDevice device_;
  ClockProbe clock_;
  std::uint64_t bursts_ = 0, wrong_ = 0;
};

bool number(const char* text, auto& value) {
  return std::from_chars(text, text + std::strlen(text), value).ec == std::errc() && value > 0;
}

int main_with(int argc, char** argv) {
  Settings settings;
  const std::string time = argc > 1 ? argv[1] : "wall";
  const bool usable = argc <= 5 && (time == "wall" || time == "core") &&
                      (argc < 3 || number(argv[2], settings.cores)) &&
                      (argc < 4 || number(argv[3], settings.rounds)) &&
                      (argc < 5 || number(argv[4], settings.size));
  if (!usable) {
    fmt::print(stderr, "usage: hold_bench [wall|core [CORES [ROUNDS=25 [SIZE]]]]\n");
    return 64;
  }
  settings.time = time == "core" ? Time::core : Time::wall;
  Bench bench(settings);
  const bool fp32 = bench.compare(DType::fp32), fp64 = bench.compare(DType::fp64);
  return fp32 && fp64 ? 0 : 1;
}

}  // namespace
}  // namespace rackproof::bench

int main(int argc, char** argv) { return rackproof::bench::main_with(argc, argv); }
