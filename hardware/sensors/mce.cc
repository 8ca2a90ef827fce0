// SPDX-License-Identifier: Apache-2.0
// Machine checks: how often the processors of an x86 machine raised one, told of corrected errors
// beyond a threshold, of deferred ones, or of heat. Polls (MCP) say nothing and are left out.
// Source: the kernel's arch/x86/kernel/irq.c (arch_show_interrupts).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "hardware/sensors/value_file.h"

namespace rackproof {
namespace {

struct Row {
  std::string_view key, sensor;
};
constexpr std::array kRows{
    Row{"MCE:", "mce.exceptions"},
    Row{"THR:", "mce.threshold"},
    Row{"DFR:", "mce.deferred"},
    Row{"TRM:", "mce.thermal"},
};

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

template <class Number>
std::optional<Number> whole(std::string_view word) {
  Number number{};
  const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (word.empty() || status != std::errc{} || end != word.data() + word.size()) return {};
  return number;
}

// The head names the CPUs that are online: "CPU0 CPU1 CPU5".
std::vector<unsigned> online_cpus(std::string_view head) {
  std::vector<unsigned> cpus;
  for (std::string_view word = next_word(head); word.starts_with("CPU"); word = next_word(head)) {
    constexpr unsigned kMostCpus = 1u << 20;
    const auto cpu = whole<unsigned>(word.substr(3));
    if (!cpu || *cpu >= kMostCpus) return {};
    cpus.push_back(*cpu);
  }
  return cpus;
}

// Sums over CPUs, and keeps the counts of those that went offline: their columns vanish, what they
// counted did not.
class Sum {
 public:
  // False: `columns` is not one whole number for each of `cpus`.
  bool take(const std::vector<unsigned>& cpus, std::string_view columns) {
    for (const unsigned cpu : cpus) {
      const auto count = whole<std::uint64_t>(next_word(columns));
      if (!count) return false;
      if (cpu >= counts_.size()) counts_.resize(cpu + 1);
      counts_[cpu] = std::max(counts_[cpu], *count);
    }
    return true;
  }
  [[nodiscard]] double total() const {
    double total = 0;
    for (const std::uint64_t count : counts_) total += static_cast<double>(count);
    return total;
  }

 private:
  std::vector<std::uint64_t> counts_;
};

class Mce : public SensorSource {
 public:
  explicit Mce(const std::filesystem::path& root) : path_(root / "proc/interrupts") {}

  [[nodiscard]] std::string name() const override { return "mce"; }

  [[nodiscard]] std::vector<Reading> read() override {
    std::array<Reading, kRows.size()> readings;
    for (std::size_t i = 0; i < kRows.size(); ++i) readings[i] = absent(kRows[i]);
    std::optional<std::vector<unsigned>> cpus;
    // Hundreds of CPUs times thousands of interrupts make tens of megabytes.
    const ValueFile file = visit_lines(path_, [&](std::string_view line) {
      if (cpus) {
        take_line(line, *cpus, readings);
      } else {
        cpus = online_cpus(line);
      }
    });
    if (file.state != Reading::State::value) {
      return {{name(), Unit::count, file.state, 0, file.detail}};
    }
    std::vector<Reading> all(readings.begin(), readings.end());
    if (!all_unsupported(all)) return all;
    return family_unsupported(name(), path_.string() + " has no rows of machine checks");
  }

 private:
  [[nodiscard]] Reading absent(const Row& row) const {
    return {.sensor = std::string(row.sensor),
            .detail = fmt::format("{} has no row {}", path_.string(), row.key),
            .counter = true};
  }

  void take_line(std::string_view line, const std::vector<unsigned>& cpus,
                 std::array<Reading, kRows.size()>& readings) {
    const std::string_view key = next_word(line);
    for (std::size_t i = 0; i < kRows.size(); ++i) {
      if (key != kRows[i].key) continue;
      const bool good = !cpus.empty() && sums_[i].take(cpus, line);
      readings[i].state = good ? Reading::State::value : Reading::State::error;
      readings[i].value = good ? sums_[i].total() : 0;
      readings[i].detail =
          good ? "" : fmt::format("{}: row {} is not one count a CPU", path_.string(), key);
    }
  }

  std::filesystem::path path_;
  std::array<Sum, kRows.size()> sums_;
};

[[maybe_unused]] const bool kRegistered =
    register_sensor_source([](const std::filesystem::path& root) -> std::unique_ptr<SensorSource> {
      return std::make_unique<Mce>(root);
    });

}  // namespace
}  // namespace rackproof
