// SPDX-License-Identifier: Apache-2.0
#include "hardware/conditions/cpufreq_policies.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "hardware/sensors/value_file.h"

namespace rackproof {
namespace {

constexpr std::string_view kPrefix = "policy";
constexpr std::ptrdiff_t kMostNames = 3;

}  // namespace

std::vector<std::pair<int, std::filesystem::path>> cpufreq_policies(
    const std::filesystem::path& root) {
  std::vector<std::pair<int, std::filesystem::path>> policies;
  std::error_code problem;
  std::filesystem::directory_iterator entry(root / "sys/devices/system/cpu/cpufreq", problem);
  for (; !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
    const std::string file = entry->path().filename();
    if (!file.starts_with(kPrefix)) continue;
    const auto number = parse_integer(file.substr(kPrefix.size()));
    if (number && *number >= 0 && *number < 1 << 20)
      policies.emplace_back(static_cast<int>(*number), entry->path());
  }
  std::sort(policies.begin(), policies.end());
  return policies;
}

Expected<std::string> policy_value(const std::filesystem::path& folder, const char* file) {
  const ValueFile read = read_value_file(folder / file);
  if (read.state != Reading::State::value) return fail(read.detail);
  return std::string(trimmed(read.text));
}

std::string policies_text(const std::vector<int>& numbers) {
  if (numbers.size() == 1) return fmt::format("policy {}", numbers.front());
  const auto shown = std::min(kMostNames, static_cast<std::ptrdiff_t>(numbers.size()));
  const std::string names =
      fmt::format("policies {}", fmt::join(numbers.begin(), numbers.begin() + shown, ", "));
  const std::size_t more = numbers.size() - static_cast<std::size_t>(shown);
  return more == 0 ? names : fmt::format("{} and {} more", names, more);
}

}  // namespace rackproof
