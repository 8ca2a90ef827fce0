// SPDX-License-Identifier: Apache-2.0
#include "stressors/memory/coverage_table_for_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr CellOrder kOrders[]{CellOrder::word_by_word, CellOrder::sweep_by_sweep,
                              CellOrder::any_order};
constexpr std::array<std::uint64_t, 1> kOneBackground{0};

MarchOrder mats_plus(std::uint64_t) { return unphased(kMatsPlus, kOneBackground); }
MarchOrder march_c_minus(std::uint64_t) { return unphased(kMarchCMinus, kOneBackground); }
MarchOrder march_ss(std::uint64_t) { return unphased(kMarchSs, kBackgrounds); }

std::vector<CellFault> faults_of(CellDefect defect, const CoverageMemory& memory) {
  return memory.pairs ? some_faults(defect, memory.shape, *memory.pairs, kSeed)
                      : every_fault(defect, memory.shape);
}

// Accesses to each word in one pass.
double operations(const MemoryTest& test, CellShape shape) {
  CellDevice device(shape, {}, CellOrder::sweep_by_sweep);
  run_pass(test, device);
  return static_cast<double>(device.words_read() + device.words_written()) / shape.words;
}

// Rounded down, so that 100 means all.
std::string percent(std::uint64_t found, std::uint64_t injected) {
  if (found == injected) return "100";
  return fmt::format("{}.{}", found * 100 / injected, found * 1000 / injected % 10);
}

std::string table_line(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

// A class's row, or the sum of all: how many were injected, and found by each chosen test.
struct Counts {
  std::string title;
  std::uint64_t injected = 0;
  std::vector<std::uint64_t> found;
};

Counts counts_of(const Json& row, const std::vector<std::size_t>& columns) {
  Counts counts{row["class"].get<std::string>(), row["injected"].get<std::uint64_t>(), {}};
  for (const std::size_t c : columns) counts.found.push_back(row["found"][c].get<std::uint64_t>());
  return counts;
}

void add(Counts& sum, const Counts& counts) {
  sum.injected += counts.injected;
  sum.found.resize(counts.found.size());
  for (std::size_t i = 0; i < counts.found.size(); ++i) sum.found[i] += counts.found[i];
}

std::string line_of(const Counts& counts) {
  std::vector<std::string> cells{counts.title, std::to_string(counts.injected)};
  for (const std::uint64_t found : counts.found) cells.push_back(percent(found, counts.injected));
  return table_line(cells);
}

// Columns of the table by their place in the data.
std::string one_table(const Json& memory, const std::vector<std::size_t>& columns) {
  std::vector<std::string> head{"class", "injected"}, ruler{"---", "---:"},
      accesses{"accesses", ""};
  for (const std::size_t c : columns) {
    const Json& test = memory["tests"][c];
    head.push_back(test["test"].get<std::string>() + ", " + test["order"].get<std::string>());
    ruler.emplace_back("---:");
    accesses.push_back(fmt::format("{:.4g}", test["operations"].get<double>()));
  }
  std::string text = table_line(head) + table_line(ruler);
  Counts all{"all", 0, {}};
  for (const Json& row : memory["classes"]) {
    const Counts counts = counts_of(row, columns);
    add(all, counts);
    text += line_of(counts);
  }
  return text + line_of(all) + table_line(accesses);
}

// Places of the tests that are ours, or of the classic ones. Only a March's own elements can be
// joined word by word, and of the rest one order says it all.
std::vector<std::size_t> places(const Json& memory, bool ours) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < memory["tests"].size(); ++i) {
    const auto test = memory["tests"][i]["test"].get<std::string>();
    const bool worst = memory["tests"][i]["order"] == name(CellOrder::any_order);
    const bool shown = test == "memory.march" || !test.starts_with("memory.") || worst;
    if (test.starts_with("memory.") == ours && shown) chosen.push_back(i);
  }
  return chosen;
}

std::string heading(const Json& memory) {
  const std::string pairs =
      memory["pairs"].is_null()
          ? "every cell and every ordered pair of cells"
          : fmt::format("every cell and {} pairs of cells drawn at random, half within one word",
                        memory["pairs"].get<std::uint64_t>());
  return fmt::format("## {} words of {} bits\n\nFaults on {}.\n\n",
                     memory["words"].get<std::uint64_t>(), memory["bits"].get<std::uint64_t>(),
                     pairs);
}

constexpr const char* kIntroduction = R"(# What the memory stressors find

Written by the program `march_coverage`, which runs the stressors themselves on simulated memories with one fault each; the
same numbers as data: `memory-coverage.json`. What each stressor does, and what this table does not say:
`memory-tests.md`. In percent of the faults injected, rounded down, so that 100 means all; one pass each. `accesses` counts
reads and writes of each word in a pass.

The classes are the static faults of one cell (SAF stuck-at, TF transition, WDF write disturb, RDF read destructive, DRDF
deceptive read destructive, IRF incorrect read), of two cells (CFst state, CFid idempotent, CFin inversion, CFds disturb by a
read or by a write that changes nothing, CFtr transition, CFwd write disturb, CFrd read destructive) and of the address decoder
(a word that is nowhere, two addresses for one word, one address for two words).

**Orders.** *Word by word*: all operations of a March's element on one word, then on the next: the textbook's order, which no
device with many threads keeps. *Sweep by sweep*: each operation on all words from the lowest address up. *Any order*: each
operation on all words in a random order, anew for each: all that thousands of threads promise.

)";

}  // namespace

std::vector<CoverageColumn> coverage_columns() {
  std::vector<CoverageColumn> columns;
  for (const CellOrder order : kOrders)
    columns.push_back({registered("memory.march", march_order), order});
  for (const char* stressor :
       {"memory.modulo20", "memory.random", "memory.address", "memory.retention"}) {
    for (const CellOrder order : {CellOrder::sweep_by_sweep, CellOrder::any_order})
      columns.push_back({registered(stressor), order});
  }
  for (const MemoryTest& test : {march_in<mats_plus>("MATS+"), march_in<march_c_minus>("March C-"),
                                 march_in<march_ss>("March SS unphased")}) {
    for (const CellOrder order : kOrders) columns.push_back({test, order});
  }
  return columns;
}

std::vector<CoverageMemory> coverage_memories() {
  return {{{32, 4}, {}}, {{24, 8}, {}}, {{32, 64}, 10000}};
}

Json coverage_row(CellDefect defect, const CoverageMemory& memory) {
  const std::vector<CellFault> faults = faults_of(defect, memory);
  Json found = Json::array();
  for (const CoverageColumn& column : coverage_columns()) {
    const auto of_each = found_by(column.test, column.order, memory.shape, faults, kSeed);
    found.push_back(std::count(of_each.begin(), of_each.end(), 1));
  }
  return {{"class", name(defect)}, {"injected", faults.size()}, {"found", found}};
}

Json coverage_of(const CoverageMemory& memory) {
  Json json{{"words", memory.shape.words}, {"bits", memory.shape.bits}, {"pairs", nullptr}};
  if (memory.pairs) json["pairs"] = *memory.pairs;
  for (const CoverageColumn& column : coverage_columns()) {
    json["tests"].push_back({{"test", column.test.name},
                             {"order", name(column.order)},
                             {"operations", operations(column.test, memory.shape)}});
  }
  for (int d = 1; d <= kCellDefects; ++d)
    json["classes"].push_back(coverage_row(static_cast<CellDefect>(d), memory));
  return json;
}

Json coverage_table() {
  Json table = Json::array();
  for (const CoverageMemory& memory : coverage_memories()) table.push_back(coverage_of(memory));
  return table;
}

std::string coverage_json(const Json& table) {
  const auto lines = [](const Json& list) {
    std::vector<std::string> rows;
    for (const Json& row : list) rows.push_back("      " + row.dump());
    return fmt::format("[\n{}\n    ]", fmt::join(rows, ",\n"));
  };
  std::vector<std::string> memories;
  for (const Json& memory : table) {
    memories.push_back(
        fmt::format("  {{\"words\": {}, \"bits\": {}, \"pairs\": {},\n    \"tests\": {},\n    "
                    "\"classes\": {}}}",
                    memory["words"].dump(), memory["bits"].dump(), memory["pairs"].dump(),
                    lines(memory["tests"]), lines(memory["classes"])));
  }
  return fmt::format("{{\"schema\": \"rackproof/memory-coverage/1\", \"memories\": [\n{}\n]}}\n",
                     fmt::join(memories, ",\n"));
}

std::string coverage_text(const Json& table) {
  std::string text = kIntroduction;
  for (const Json& memory : table) {
    text += heading(memory) + one_table(memory, places(memory, true));
    text += "\nThe same faults under classic tests:\n\n" + one_table(memory, places(memory, false));
    if (&memory != &table.back()) text += "\n";
  }
  return text;
}

}  // namespace rackproof
