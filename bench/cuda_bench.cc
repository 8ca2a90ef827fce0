// SPDX-License-Identifier: Apache-2.0
// The CUDA back end on this machine's first GPU, every result checked, against the bare calls of
// NVIDIA's libraries that it is made of, side by side.
#include <fmt/core.h>

#include <charconv>
#include <cstring>

#include "backends/cuda/discovery.h"
#include "backends/cuda/driver.h"
#include "backends/cuda/multiplier.h"
#include "backends/kernels/card.h"
#include "bench/rounds.h"
#include "core/oracle.h"

namespace rackproof::bench {
namespace {

using Seconds = std::chrono::duration<double>;
constexpr auto kBurst = std::chrono::milliseconds(300);

struct Settings {
  int rounds = 15;
  std::int64_t size = 8192;
  std::uint64_t megabytes = 4096;
};

std::unique_ptr<Prepared> ready(Device& device, const Workload& workload) {
  auto preparation = device.prepare(workload);
  if (const auto* no = std::get_if<Unsupported>(&preparation)) throw DeviceError(no->reason);
  return std::get<std::unique_ptr<Prepared>>(std::move(preparation));
}

// The same GPU without this program's workloads.
class Bare {
 public:
  Bare()
      : driver_(std::make_shared<cuda::CudaDriver>(0, 1, "cuda:0")),
        queue_(driver_->make_queue(0)) {}

  [[nodiscard]] cuda::CudaDriver& driver() { return *driver_; }
  [[nodiscard]] kernels::Queue queue() const { return queue_; }
  /// Work per second of what `start` starts, for about a burst.
  double rate(double work, const std::function<void()>& start) {
    const auto begun = Clock::now();
    int done = 0;
    for (; done == 0 || Clock::now() - begun < kBurst; ++done) {
      start();
      driver_->finish(queue_);
    }
    return work * done / Seconds(Clock::now() - begun).count();
  }

 private:
  std::shared_ptr<cuda::CudaDriver> driver_;
  kernels::Queue queue_;
};

class Bench {
 public:
  Bench(Device& device, const Settings& settings) : device_(device), settings_(settings) {}

  void gemm(DType type) {
    kernels::Problem problem;
    problem.m = problem.n = problem.k = static_cast<std::uint64_t>(settings_.size);
    problem.in = type;
    problem.acc = type == DType::i8 ? DType::i32 : type == DType::fp64 ? DType::fp64 : DType::fp32;
    const Operands operands =
        type == DType::i8 || type == DType::fp8_e4m3 ? Operands::exact : Operands::random;
    const Gemm product{type, problem.acc, settings_.size, settings_.size, settings_.size, operands};
    auto preparation = device_.prepare(product);
    if (const auto* no = std::get_if<Unsupported>(&preparation))
      return fmt::print("{}: {}\n", name(type), no->reason);
    const auto checked = std::get<std::unique_ptr<Prepared>>(std::move(preparation));
    const auto alone = cuda::make_multiplier(bare_.driver(), problem);
    if (!alone) return fmt::print("{}: cuBLASLt has no algorithm\n", name(type));
    const std::uint64_t operand_bytes = problem.operand_elements() * size_of(type);
    const kernels::Buffer in(driver(), operand_bytes),
        out(driver(), problem.elements() * size_of(problem.acc));
    randomize(in.get(), operand_bytes, type);
    const double work = 2.0 * static_cast<double>(problem.m) * static_cast<double>(problem.n) *
                        static_cast<double>(problem.k);
    compare(
        fmt::format("{} gemm {}", name(type), settings_.size), "cuBLASLt alone", "FLOP/s",
        [&] { return run(*checked).flops_per_second(); },
        [&] {
          return bare_.rate(work, [&] {
            (void)alone->multiply(bare_.queue(), in.get(),
                                  in.get() + problem.m * problem.k * size_of(type), out.get(),
                                  false);
          });
        });
    fmt::print("  {}\n", alone->describe());
  }

  void triad() {
    const Region a = part(3), b = part(3), c = part(3);
    const auto checked = ready(device_, Triad{a, b, c, DType::fp64});
    against_copy("triad", [&] { return run(*checked).bytes_per_second(); });
  }

  void march() {
    const Region on = part(2);
    for (const auto kind : {MarchOp::Kind::write, MarchOp::Kind::read}) {
      const MarchOp op{kind, 0x5555555555555555};
      (void)ready(device_, Sweep{on, {MarchOp::Kind::write, op.word}})->run({.iterations = 1});
      const auto sweep = ready(device_, Sweep{on, op});
      against_copy(kind == MarchOp::Kind::read ? "march read" : "march write",
                   [&] { return run(*sweep).bytes_per_second(); });
    }
  }

  void link() {
    const std::uint64_t bytes = std::min<std::uint64_t>(settings_.megabytes, 1024) << 20;
    const Region here = device_.allocate(bytes, Place::host), there = device_.allocate(bytes);
    const kernels::Buffer memory(driver(), bytes);
    std::uint64_t* const host = bare_.driver().pin(bytes);
    const auto work = static_cast<double>(bytes);
    const auto down = ready(device_, Copy{here, there}), up = ready(device_, Copy{there, here});
    compare(
        "host to device", "cuMemcpyAsync alone", "B/s", [&] { return run(*down).transfer_rate(); },
        [&] {
          return bare_.rate(
              work, [&] { bare_.driver().write(bare_.queue(), memory.get(), 0, bytes, host); });
        });
    compare(
        "device to host", "cuMemcpyAsync alone", "B/s", [&] { return run(*up).transfer_rate(); },
        [&] {
          return bare_.rate(
              work, [&] { bare_.driver().read(bare_.queue(), memory.get(), 0, bytes, host); });
        });
    bare_.driver().unpin(host);
  }

  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }

 private:
  [[nodiscard]] std::shared_ptr<kernels::Driver> driver() {
    return {std::shared_ptr<void>(), &bare_.driver()};
  }
  [[nodiscard]] Region part(std::uint64_t parts) {
    const std::uint64_t most = device_.info().allocatable_bytes / 2 / parts;
    return device_.allocate(std::min(settings_.megabytes << 20, most));
  }

  Burst run(Prepared& prepared) {
    Burst burst = prepared.run({.until = Clock::now() + kBurst, .pattern = 1, .sample = 1});
    wrong_ += burst.miscompares;
    return burst;
  }

  // Numbers that the type holds, since heat and speed hang on the data.
  void randomize(kernels::Handle to, std::uint64_t bytes, DType type) {
    std::vector<std::uint64_t> words(bytes / 8);
    const std::uint64_t mask = type == DType::fp64       ? ~(1ULL << 62)
                               : type == DType::fp8_e4m3 ? 0xb7b7b7b7b7b7b7b7
                                                         : 0xbfffbfffbfffbfff;
    for (std::uint64_t i = 0; i < words.size(); ++i) words[i] = pattern_word(1, i) & mask;
    bare_.driver().write(bare_.queue(), to, 0, bytes, words.data());
    bare_.driver().finish(bare_.queue());
  }

  // Bytes read and written, both counted.
  void against_copy(const std::string& what, const std::function<double()>& rate) {
    const std::uint64_t bytes =
        std::min(settings_.megabytes << 20, device_.info().allocatable_bytes / 8);
    const kernels::Buffer from(driver(), bytes), to(driver(), bytes);
    compare(what, "copy within the device", "B/s", rate, [&] {
      return bare_.rate(2.0 * static_cast<double>(bytes),
                        [&] { bare_.driver().copy(bare_.queue(), from.get(), to.get(), bytes); });
    });
  }

  void compare(const std::string& what, const std::string& other, const std::string& unit,
               const std::function<double()>& ours, const std::function<double()>& theirs) {
    const Rounds rounds({{what, ours}, {other, theirs}}, settings_.rounds);
    print_rate(what, rounds.rate(0), "G" + unit);
    print_rate("  " + other, rounds.rate(1), "G" + unit);
    print_ratio(what + " / " + other, rounds.ratio(0, 1), settings_.rounds);
  }

  Device& device_;
  Settings settings_;
  Bare bare_;
  std::uint64_t wrong_ = 0;
};

bool number(const char* text, auto& value) {
  return std::from_chars(text, text + std::strlen(text), value).ec == std::errc() && value > 0;
}

int main_with(int argc, char** argv) {
  Settings settings;
  const bool usable = argc <= 4 && (argc < 2 || number(argv[1], settings.rounds)) &&
                      (argc < 3 || number(argv[2], settings.size)) &&
                      (argc < 4 || number(argv[3], settings.megabytes));
  if (!usable) {
    fmt::print(stderr, "usage: cuda_bench [ROUNDS=15 [GEMM_SIZE=8192 [MEGABYTES=4096]]]\n");
    return 64;
  }
  try {
    const auto devices = cuda::find_devices("/");
    const DeviceInfo& info = devices[0]->info();
    fmt::print("{} {}, driver {}\n", info.id, info.name, info.driver);
    Bench bench(*devices[0], settings);
    for (const DType type : {DType::bf16, DType::fp8_e4m3, DType::i8, DType::fp16, DType::tf32,
                             DType::fp32, DType::fp64})
      bench.gemm(type);
    bench.triad();
    bench.march();
    bench.link();
    if (bench.wrong() != 0) fmt::print("{} wrong elements\n", bench.wrong());
    return bench.wrong() == 0 ? 0 : 1;
  } catch (const Absent& absent) {
    fmt::print("no GPU: {}\n", absent.reason);
    return 77;
  } catch (const DeviceError& problem) {
    fmt::print("{}\n", problem.what());
    return 1;
  }
}

}  // namespace
}  // namespace rackproof::bench

int main(int argc, char** argv) { return rackproof::bench::main_with(argc, argv); }
