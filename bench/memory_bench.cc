// SPDX-License-Identifier: Apache-2.0
// March sweeps, triad and copies with every word checked, against plain streams over the same
// bytes, and against what memory and caches give at most.
#include <fmt/core.h>

#include <charconv>
#include <cstring>

#include "backends/cpu/memory.h"
#include "bench/memory_work.h"
#include "bench/this_node.h"
#include "bench/undisturbed.h"

namespace rackproof::bench {
namespace {

constexpr std::uint64_t kMiB = 1 << 20, kArrayBytes = 64 * kMiB;  // as the stressors have them
constexpr double kBurst = 0.2, kTolerance = 1.1;                  // as in a step
constexpr int kBits[] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20};

struct Settings {
  int rounds = 9;
  std::uint64_t size_mib = 256;
  unsigned cores = 0;  // 0: all
  bool sweeps = true, stress = true;
};

using Rate = std::function<double()>;

class Bench {
 public:
  explicit Bench(const Settings& settings)
      : settings_(settings),
        node_(this_node(settings.cores)),
        plain_(node_, settings.size_mib * kMiB),
        sweeps_(node_, settings.size_mib * kMiB),
        contents_(node_, settings.size_mib * kMiB) {}

  /// False: wrong words, or rates that no memory reaches.
  bool all() {
    fmt::print("memory, every word checked, {} cores, regions of {} MiB\n", node_->cores(),
               settings_.size_mib);
    ceilings();
    if (settings_.sweeps) {
      whole();
      halves();
      parts_of_lines();
      fills_and_checks();
      stripes();
    }
    const bool right = !settings_.stress || stresses();
    const std::uint64_t wrong = sweeps_.wrong() + contents_.wrong();
    if (wrong != 0) fmt::print("  {} wrong words\n", wrong);
    return possible_ && right && wrong == 0;
  }

 private:
  void ceilings() {
    fmt::print("at most, by plain streams (GB/s):\n");
    const Rounds rounds({{"", undisturbed(node_, plain_read())},
                         {"", undisturbed(node_, plain_write())},
                         {"", undisturbed(node_, plain_change())}},
                        settings_.rounds);
    read_ = rounds.best(0);
    write_ = rounds.best(1);
    print_rate("memory, read only", rounds.rate(0), "GB/s");
    print_rate("memory, written only", rounds.rate(1), "GB/s");
    print_rate("memory, changed in place", rounds.rate(2), "GB/s");
    for (const std::uint64_t size : {16 * kMiB / 1024, 512 * kMiB / 1024}) {
      const Rounds cached({{"", [&] { return plain_.read_cached(size); }},
                           {"", [&] { return plain_.write_cached(size); }}},
                          3);
      print_rate(fmt::format("caches, {} KiB a core, read", size / 1024), cached.rate(0), "GB/s");
      print_rate(fmt::format("caches, {} KiB a core, written", size / 1024), cached.rate(1),
                 "GB/s");
    }
  }

  void whole() {
    fmt::print("sweeps of whole regions / plain pass:\n");
    against(
        "read and compared", [&] { return sweeps_.read(-1); }, plain_read(), read_);
    against(
        "written", [&] { return sweeps_.write(-1); }, plain_write(), write_);
    against(
        "read and compared, then written", [&] { return sweeps_.read_then_write(); },
        plain_change(), read_ + write_);
  }

  void halves() {
    fmt::print("sweeps of halves by address bit of the word / plain pass:\n");
    for (const int bit : kBits) {
      if (1ULL << bit >= settings_.size_mib * kMiB / 8) break;
      against(
          fmt::format("bit {:2} read and compared", bit), [&, bit] { return sweeps_.read(bit); },
          plain_read(), read_);
      against(
          fmt::format("bit {:2} written", bit), [&, bit] { return sweeps_.write(bit); },
          plain_write(), write_);
    }
  }

  // All lines move, so all count.
  void parts_of_lines() {
    fmt::print("sweeps of halves within lines, by lines touched / plain pass:\n");
    for (const int bit : {0, 1, 2}) {
      against(
          fmt::format("bit {} read and compared", bit), [&, bit] { return sweeps_.read(bit); },
          plain_read(), read_);
      against(
          fmt::format("bit {} written / changed in place", bit),
          [&, bit] { return sweeps_.write(bit); }, plain_change(), read_ + write_);
    }
  }

  void fills_and_checks() {
    fmt::print("contents of whole regions / plain pass:\n");
    for (const Content what : {Content::seeded, Content::address}) {
      against(
          fmt::format("{} filled", name(what)), [&, what] { return contents_.fill(what); },
          plain_write(), write_);
      against(
          fmt::format("{} checked", name(what)), [&, what] { return contents_.check(what); },
          plain_read(), read_);
    }
  }

  // By the lines that move: two of five for the stripe's own words.
  void stripes() {
    fmt::print("stripes, by lines touched / plain pass:\n");
    for (const bool others : {false, true}) {
      const char* const which = others ? "others" : "own words";
      against(
          fmt::format("{} written / changed in place", which),
          [&, others] { return contents_.write_stripe(others); }, plain_change(), read_ + write_);
      against(
          fmt::format("{} read and compared", which),
          [&, others] { return contents_.read_stripe(others); }, plain_read(), read_);
    }
  }

  bool stresses() {
    const bool triad =
        stress("triad", StressWork::Kind::triad, [&] { return plain_.triad(kBurst); });
    const bool copy = stress("copy", StressWork::Kind::copy, [&] { return plain_.copy(kBurst); });
    return triad && copy;
  }

  bool stress(const std::string& what, StressWork::Kind kind, const Rate& plain) {
    StressWork work(node_, kind, kArrayBytes);
    fmt::print("{}, arrays of {} MiB, bytes read + written:\n", what, kArrayBytes / kMiB);
    const Rounds rounds = against(
        what + " checked / unchecked", [&] { return work.rate(kBurst); }, plain, read_ + write_, 2);
    print_rate(what + " checked", rounds.rate(0), "GB/s");
    print_rate(what + " unchecked", rounds.rate(1), "GB/s");
    if (work.wrong() != 0) fmt::print("  {} wrong words\n", work.wrong());
    return work.wrong() == 0;
  }

  // Regions are larger than all caches: faster than a plain stream's best round is no memory.
  Rounds against(const std::string& what, const Rate& ours, const Rate& plain, double ceiling,
                 int tries = 12) {
    const Rounds rounds(
        {{what, undisturbed(node_, ours, tries)}, {"plain", undisturbed(node_, plain, tries)}},
        settings_.rounds);
    print_ratio(what, rounds.ratio(0, 1), settings_.rounds);
    const double most = kTolerance * std::max(ceiling, rounds.best(1));
    if (rounds.best(0) > most) {
      fmt::print("  {}: {:.1f} GB/s is more than the {:.1f} GB/s that are possible\n", what,
                 rounds.best(0) / 1e9, most / 1e9);
      possible_ = false;
    }
    return rounds;
  }

  Rate plain_read() {
    return [this] { return plain_.read(); };
  }
  Rate plain_write() {
    return [this] { return plain_.write(); };
  }
  Rate plain_change() {
    return [this] { return plain_.change(); };
  }

  Settings settings_;
  std::shared_ptr<cpu::Node> node_;
  PlainMemory plain_;
  SweepWork sweeps_;
  ContentWork contents_;
  double read_ = 0, write_ = 0;  // ceilings
  bool possible_ = true;
};

bool number(const char* text, auto& value) {
  return std::from_chars(text, text + std::strlen(text), value).ec == std::errc() && value > 0;
}

// One number for a program that compares it with other programs'.
int print_one_rate(std::string_view what, int seconds) {
  const auto kind = what == "triad" ? StressWork::Kind::triad : StressWork::Kind::copy;
  StressWork work(this_node(), kind, kArrayBytes);
  (void)work.rate(kBurst);
  fmt::print("{:.0f}\n", work.rate(seconds));
  return work.wrong() == 0 ? 0 : 1;
}

int main_with(int argc, char** argv) {
  Settings settings;
  int seconds = 0;
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (argc == 3 && (what == "triad" || what == "copy") && number(argv[2], seconds))
    return print_one_rate(what, seconds);
  if (what == "sweeps" || what == "stress") {
    settings.sweeps = what == "sweeps";
    settings.stress = !settings.sweeps;
    --argc;
    ++argv;
  }
  const bool usable = argc <= 4 && (argc < 2 || number(argv[1], settings.rounds)) &&
                      (argc < 3 || number(argv[2], settings.size_mib)) &&
                      (argc < 4 || number(argv[3], settings.cores));
  if (!usable) {
    fmt::print(
        stderr,
        "usage: memory_bench [sweeps|stress] [ROUNDS=9 [SIZE_MIB=256 [CORES=all]]]\n"
        "       memory_bench triad|copy SECONDS    one rate, bytes read + written a second\n");
    return 64;
  }
  return Bench(settings).all() ? 0 : 1;
}

}  // namespace
}  // namespace rackproof::bench

int main(int argc, char** argv) { return rackproof::bench::main_with(argc, argv); }
