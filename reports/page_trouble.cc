// SPDX-License-Identifier: Apache-2.0
#include "reports/page_trouble.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reports/judge_problems.h"

namespace rackproof {
namespace {

constexpr std::size_t kReasonsShown = 3;  // of one verdict; the devices of all are counted

struct Trouble {
  Verdict verdict{};
  bool counts = true;
  std::string reason;
  std::vector<std::string> devices, labels;
};

void add_once(std::vector<std::string>& words, const std::string& word) {
  if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
}

// Of a broken limit the line's numbers are the reason.
std::string reason_of(const CriterionResult& row) {
  const bool numbers = row.verdict == Verdict::fail || row.verdict == Verdict::marginal;
  return numbers ? "" : row.reason;
}

// The trouble that the row belongs to; beyond a few reasons the last one takes the others in.
Trouble& place_of(std::vector<Trouble>& troubles, const CriterionResult& row) {
  const std::string reason = reason_of(row);
  std::size_t alike = 0;
  Trouble* last = nullptr;
  for (Trouble& trouble : troubles) {
    if (trouble.verdict != row.verdict || trouble.counts != row.counts()) continue;
    if (trouble.reason == reason) return trouble;
    ++alike;
    last = &trouble;
  }
  if (alike < kReasonsShown)
    return troubles.emplace_back(Trouble{row.verdict, row.counts(), reason, {}, {}});
  if (!last->reason.ends_with(", or another")) last->reason += ", or another";
  return *last;
}

std::string text_of(const Trouble& trouble, std::size_t devices) {
  const std::string what =
      trouble.counts ? std::string(name(trouble.verdict)) : "optional and not applied";
  std::string text = fmt::format("; {} {}", what, fmt::join(trouble.labels, ", "));
  if (trouble.devices.size() == devices && devices > 1) {
    text += fmt::format(" on all {} devices", devices);
  } else if (trouble.devices != std::vector<std::string>{""}) {
    text += " on " + name_parts(trouble.devices);
  }
  return trouble.reason.empty() ? text : text + ": " + trouble.reason;
}

}  // namespace

std::string trouble_text(const CriterionRows& rows,
                         const std::function<std::string(const CriterionResult&)>& label) {
  std::vector<Trouble> troubles;
  std::vector<std::string> devices;
  for (const CriterionResult* row : rows) {
    add_once(devices, row->criterion.device);
    if (row->verdict == Verdict::pass) continue;
    Trouble& trouble = place_of(troubles, *row);
    add_once(trouble.devices, row->criterion.device);
    add_once(trouble.labels, label(*row));
  }
  std::stable_sort(troubles.begin(), troubles.end(), [](const Trouble& a, const Trouble& b) {
    return a.verdict != b.verdict && worst(a.verdict, b.verdict) == a.verdict;
  });
  std::string text;
  for (const Trouble& trouble : troubles) text += text_of(trouble, devices.size());
  return text;
}

}  // namespace rackproof
