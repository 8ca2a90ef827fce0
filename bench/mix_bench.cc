// SPDX-License-Identifier: Apache-2.0
// compute.mix with every word checked, in bursts as a step has them, against the same kernels
// without checks; by the time that this program really had its cores.
#include <fmt/core.h>

#include <atomic>
#include <charconv>
#include <cstring>

#include "backends/cpu/mix_kernels.h"
#include "backends/cpu/mix_scratch.h"
#include "bench/rounds.h"
#include "bench/stopwatch.h"
#include "bench/this_node.h"
#include "core/mix.h"

namespace rackproof::bench {
namespace {

constexpr std::chrono::milliseconds kBurst{100};  // as on all cores at once in a step

struct Settings {
  int rounds = 9;
  std::uint64_t words = 4096;
  unsigned cores = 0;  // 0: all
};

// Each core makes its words again and again and looks at none.
class Unchecked {
 public:
  Unchecked(std::shared_ptr<cpu::Node> node, const Mix& mix)
      : node_(std::move(node)),
        mix_(mix),
        make_worker_(cpu::mix_worker_maker(mix.kernel).value()),
        right_(mix_words(mix.kernel, mix.words, 1)) {}

  // Bytes made in a second of all cores.
  double rate() {
    std::atomic<std::uint64_t> iterations{0};
    const Clock::time_point until = Clock::now() + kBurst;
    const Stopwatch watch(Time::core, node_->cores());
    node_->threads().run([&](unsigned) {
      const auto worker = make_worker_(mix_.kernel, mix_.words);
      const auto out = cpu::scratch<std::uint64_t>(mix_.words);
      for (std::uint64_t done = 0; done == 0 || Clock::now() < until; ++done) {
        worker->make({1, right_, out.get()});
        ++iterations;
      }
    });
    return 8.0 * static_cast<double>(mix_.words * iterations) / watch.seconds();
  }

 private:
  std::shared_ptr<cpu::Node> node_;
  Mix mix_;
  cpu::MakeMixWorker make_worker_;
  std::vector<std::uint64_t> right_;
};

// False: wrong words.
bool compare(const std::shared_ptr<cpu::Node>& node, const Mix& mix, int rounds) {
  cpu::CpuDevice device(node, {});
  Preparation preparation = device.prepare(mix);
  if (const auto* refused = std::get_if<Unsupported>(&preparation)) {
    fmt::print("  {}\n", refused->reason);
    return true;
  }
  const auto checked = std::get<std::unique_ptr<Prepared>>(std::move(preparation));
  Unchecked unchecked(node, mix);
  std::uint64_t wrong = 0;
  const auto rate = [&] {
    const Stopwatch watch(Time::core, node->cores());
    const Burst burst = checked->run({.until = Clock::now() + kBurst, .pattern = 1});
    wrong += burst.miscompares;
    return burst.bytes / watch.seconds();
  };
  const std::string kernel(name(mix.kernel));
  const Rounds both({{"checked", rate}, {"unchecked", [&] { return unchecked.rate(); }}}, rounds);
  print_ratio(kernel + " checked / unchecked", both.ratio(0, 1), rounds);
  print_rate(kernel + " checked, words", both.rate(0), "GB/s");
  if (wrong != 0) fmt::print("  {} wrong words\n", wrong);
  return wrong == 0;
}

// How long the right words take, which a step computes for each pattern.
void print_reference(const Mix& mix) {
  const Stopwatch watch(Time::core, 1);
  const std::vector<std::uint64_t> words = mix_words(mix.kernel, mix.words, 1);
  const double ms = 1e3 * watch.seconds();
  fmt::print("{:44} {:8.2f} ms, {} words\n", std::string(name(mix.kernel)) + " reference", ms,
             words.size());
}

bool number(const char* text, auto& value) {
  return std::from_chars(text, text + std::strlen(text), value).ec == std::errc() && value > 0;
}

int main_with(int argc, char** argv) {
  Settings settings;
  const bool usable = argc <= 4 && (argc < 2 || number(argv[1], settings.rounds)) &&
                      (argc < 3 || number(argv[2], settings.words)) &&
                      (argc < 4 || number(argv[3], settings.cores)) &&
                      settings.words % kMixBlock == 0 && settings.words <= kMostMixWords;
  if (!usable) {
    fmt::print(stderr,
               "usage: mix_bench [ROUNDS=9 [WORDS=4096 [CORES=all]]]    "
               "WORDS a core, a multiple of {}\n",
               kMixBlock);
    return 64;
  }
  const auto node = this_node(settings.cores);
  fmt::print("mix, every word checked, {} cores, {} words a core\n", node->cores(), settings.words);
  bool right = true;
  for (int k = 0; k < kMixKernels; ++k) {
    const Mix mix{static_cast<MixKernel>(k), settings.words};
    right = compare(node, mix, settings.rounds) && right;
    print_reference(mix);
  }
  return right ? 0 : 1;
}

}  // namespace
}  // namespace rackproof::bench

int main(int argc, char** argv) { return rackproof::bench::main_with(argc, argv); }
