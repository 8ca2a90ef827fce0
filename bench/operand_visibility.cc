// SPDX-License-Identifier: Apache-2.0
// What a flipped operand shows: in the product alone, and with the operands' digest. And of wrong
// results of random operands, from the first product on, which ones the rows' sums find. Writes
// docs/reference/operand-visibility.md.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <vector>

#include "backends/cpu/gemm_oracle.h"
#include "backends/cpu/gemm_product.h"
#include "backends/cpu/gemm_row_sums.h"
#include "bench/this_node.h"
#include "core/oracle.h"
#include "stressors/compute/square_gemm.h"

namespace rackproof::bench {
namespace {

constexpr std::int64_t kSize = 256;
constexpr std::uint64_t kSeed = 2026;
constexpr std::uint64_t kPerPattern = 100;
constexpr DType kTypes[] = {DType::i8,   DType::fp16,     DType::bf16,     DType::fp32,
                            DType::fp64, DType::fp8_e4m3, DType::fp8_e5m2, DType::tf32};

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "–";
  return fmt::format("{:.2f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

// Flips of one bit each, anywhere in the operands' memory.
struct Flips {
  std::uint64_t struck = 0, in_product = 0, found = 0;
};

bool in_product(const Burst& burst) {
  return std::ranges::any_of(burst.samples,
                             [](const Miscompare& m) { return m.element < kSize * kSize; });
}

bool in_place(const Burst& burst, const Activation& flip) {
  return std::ranges::any_of(burst.samples, [&](const Miscompare& m) {
    return m.element == flip.element && m.expected == flip.before && m.got == flip.after;
  });
}

Flips flip_operands(cpu::CpuDevice& device, DType type, Operands operands, std::uint64_t count) {
  const auto prepared = ready(device, square_gemm(type, kSize, operands));
  Flips flips;
  for (std::uint64_t i = 0; i < count; ++i) {
    Fault fault;
    fault.site = FaultSite::operand;
    fault.element = pattern_word(kSeed, 2 * i);
    fault.mask = 1ULL << (pattern_word(kSeed, 2 * i + 1) % 64);
    const auto armed = prepared->arm(fault);
    const Burst burst = prepared->run({.iterations = 1, .pattern = i / kPerPattern});
    for (const Activation& flip : armed->activations()) {
      ++flips.struck;
      flips.in_product += in_product(burst) ? 1 : 0;
      flips.found += in_place(burst, flip) ? 1 : 0;
    }
  }
  return flips;
}

// Bits of a result that belong together, the highest first.
struct Bits {
  const char* name;
  unsigned first, count;  // counted from the highest bit
};
constexpr Bits kSingle[] = {{"sign", 0, 1},   {"exponent", 1, 8}, {"mantissa 1–8", 9, 8},
                            {"9–12", 17, 4},  {"13–23", 21, 11},  {"24–36", 32, 0},
                            {"37–44", 32, 0}, {"45–52", 32, 0}};
constexpr Bits kDouble[] = {{"sign", 0, 1},   {"exponent", 1, 11}, {"mantissa 1–8", 12, 8},
                            {"9–12", 20, 4},  {"13–23", 24, 11},   {"24–36", 35, 13},
                            {"37–44", 48, 8}, {"45–52", 56, 8}};
constexpr std::size_t kGroups = std::size(kSingle);

struct Shares {
  DType type;
  std::uint64_t size;
  std::uint64_t struck[kGroups] = {}, found[kGroups] = {};
};

template <class T, class Word>
Shares flip_results(const std::shared_ptr<cpu::Node>& node, DType type, std::uint64_t size,
                    std::uint64_t count) {
  const cpu::Problem<T> problem{size, size, size, Operands::random, 0, type};
  cpu::Product<T> product(*node, problem);
  product.place_operands(kSeed);
  product.multiply();
  const cpu::RowSums<T> sums(problem, kSeed, node->threads());
  Shares shares{type, size};
  std::vector<T> row(size);
  for (std::size_t g = 0; g < kGroups; ++g) {
    const Bits& bits = sizeof(T) == 4 ? kSingle[g] : kDouble[g];
    for (std::uint64_t i = 0; i < (bits.count > 0 ? count : 0); ++i) {
      const std::uint64_t at = pattern_word(kSeed + g, 2 * i) % problem.elements(),
                          bit = bits.first + pattern_word(kSeed + g, 2 * i + 1) % bits.count;
      std::copy_n(product.elements() + at / size * size, size, row.begin());
      const auto mask = static_cast<Word>(Word{1} << (8 * sizeof(T) - 1 - bit));
      T& element = row[at % size];
      element = std::bit_cast<T>(static_cast<Word>(std::bit_cast<Word>(element) ^ mask));
      ++shares.struck[g];
      shares.found[g] += sums.right(at / size, row.data()) ? 0 : 1;
    }
  }
  return shares;
}

std::string operand_table(cpu::CpuDevice& device, std::uint64_t count, bool& all_found) {
  std::string text =
      "| operands | flips | in the product alone | with the operands' digest "
      "|\n|---|---|---|---|\n";
  for (const DType type : kTypes) {
    for (const Operands operands : {Operands::exact, Operands::error_free, Operands::random}) {
      if (type == DType::i8 && operands != Operands::exact) continue;
      const Flips flips = flip_operands(device, type, operands, count);
      all_found = all_found && flips.found == flips.struck && flips.struck > 0;
      text +=
          fmt::format("| {} {} | {} | {} | {} |\n", name(type), name(operands), flips.struck,
                      percent(flips.in_product, flips.struck), percent(flips.found, flips.struck));
    }
  }
  return text;
}

std::string result_table(const std::shared_ptr<cpu::Node>& node, std::uint64_t count) {
  std::string text = "| random operands |";
  for (const Bits& bits : kSingle) text += fmt::format(" {} |", bits.name);
  text += "\n|---|" + [] {
    std::string dashes;
    for (std::size_t g = 0; g < kGroups; ++g) dashes += "---|";
    return dashes;
  }() + "\n";
  for (const std::uint64_t size : {256U, 1024U}) {
    for (const DType type : kTypes) {
      if (type == DType::i8) continue;
      const Shares shares = type == DType::fp64
                                ? flip_results<double, std::uint64_t>(node, type, size, count)
                                : flip_results<float, std::uint32_t>(node, type, size, count);
      text += fmt::format("| {} {} |", name(type), size);
      for (std::size_t g = 0; g < kGroups; ++g)
        text += fmt::format(" {} |", percent(shares.found[g], shares.struck[g]));
      text += "\n";
    }
  }
  return text;
}

// Both tables with what they mean; `all_found` tells whether every operand's flip was found.
std::string page(std::uint64_t count, bool& all_found) {
  const auto node = this_node(1);  // nothing here depends on how many there are
  cpu::CpuDevice device(node, {});
  all_found = true;
  std::string text = fmt::format(
      "# What flips of operands and of first results show\n\n"
      "Written by `bench/operand_visibility {}` on the CPU back end; do not edit. What it means:\n"
      "[detection-limits.md](detection-limits.md).\n\n"
      "## Operands\n\n"
      "One bit at random flipped in the packed operands before the first of one iteration, size "
      "{}. The CPU keeps floating operands of 32 bits and less\nas fp32, so any of 32 bits flips. "
      "\"With the operands' digest\" counts flips that were named: operand, right and wrong "
      "bits.\n\n",
      count, kSize);
  text += operand_table(device, count, all_found);
  text +=
      "\n## Results of random operands that were wrong from the first product on\n\n"
      "Nothing right was there to compare with bit for bit; shares of flips of one bit in one "
      "element that the sum of its row shows, by the bit's place.\n\n";
  text += result_table(node, count);
  return text;
}

int main_with(int argc, char** argv) {
  std::uint64_t count = 2000;
  const bool usable =
      argc <= 3 &&
      (argc < 2 ||
       (std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), count).ec == std::errc() &&
        count > 0));
  if (!usable) {
    fmt::print(stderr, "usage: operand_visibility [FLIPS=2000 [FILE]]\n");
    return 64;
  }
  bool all_found = false;
  const std::string text = page(count, all_found);
  if (argc > 2) {
    std::ofstream file(argv[2]);
    file << text;
    if (!file.flush()) {
      fmt::print(stderr, "{}: cannot be written\n", argv[2]);
      return 74;
    }
  } else {
    fmt::print("{}", text);
  }
  return all_found ? 0 : 1;
}

}  // namespace
}  // namespace rackproof::bench

int main(int argc, char** argv) { return rackproof::bench::main_with(argc, argv); }
