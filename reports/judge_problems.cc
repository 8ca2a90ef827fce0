// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_problems.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace rackproof {
namespace {

constexpr std::size_t kMostNames = 4;
constexpr std::size_t kEvidenceWidth = 250;  // three lines on the page

bool worse(Verdict a, Verdict b) { return a != b && worst(a, b) == a; }

bool has(const Causes& causes, CauseKind kind) {
  return std::any_of(causes.begin(), causes.end(),
                     [&](const Cause& cause) { return cause.kind == kind; });
}

bool nothing_ran(const Case& judged, const Causes& causes) {
  return judged.evidence().tasks.empty() &&
         (has(causes, CauseKind::inventory) || has(causes, CauseKind::environment));
}

// What is missing only because no step began.
bool is_blank(const Case& judged, const Cause& cause) {
  const bool blank = cause.kind == CauseKind::unproven || cause.kind == CauseKind::not_covered ||
                     (cause.kind == CauseKind::not_measured && judged.is_device(cause.part));
  return blank && cause.verdict == Verdict::incomplete;
}

Causes without_consequences(const Case& judged, const Causes& causes) {
  Causes kept;
  const bool blank = nothing_ran(judged, causes);
  for (const Cause& cause : causes) {
    if (!cause.follows && !(blank && is_blank(judged, cause))) kept.push_back(cause);
  }
  if (blank) {
    const bool parts = has(causes, CauseKind::inventory);
    kept.push_back(
        {Verdict::incomplete,
         CauseKind::not_started,
         "campaign",
         {},
         fmt::format("nothing was run because {} ({} steps on {} devices were planned)",
                     parts ? "the inventory is wrong" : "the environment would have spoiled it",
                     judged.plan().steps.size(), judged.devices().size())});
    if (!parts) kept.back().next_step = "correct the environment and run again";
  }
  return kept.empty() ? causes : kept;
}

// Real load tells more than a small drill, one link more than a whole device; a text once is
// enough.
void put_in_order(const Case& judged, Causes& causes) {
  const auto drill = [&](const Cause& cause) {
    const PlannedStep* step = judged.step(cause.step);
    return step != nullptr && step->drill;
  };
  std::stable_sort(causes.begin(), causes.end(), [&](const Cause& a, const Cause& b) {
    if (a.verdict != b.verdict) return worse(a.verdict, b.verdict);
    return std::pair(drill(a), a.brief.empty()) < std::pair(drill(b), b.brief.empty());
  });
  std::set<std::string> said;
  std::erase_if(causes, [&](const Cause& cause) { return !said.insert(cause.evidence).second; });
}

using GroupKey = std::pair<std::string, CauseKind>;
using Groups = std::map<GroupKey, CauseGroup>;

Groups group_by_part(const Causes& causes) {
  Groups groups;
  for (const Cause& cause : causes) {
    CauseGroup& group = groups[{cause.part, cause.kind}];
    group.verdict = worst(group.verdict, cause.verdict);
    group.kind = cause.kind;
    group.parts = {cause.part};
    group.causes.push_back(cause);
  }
  return groups;
}

// Steps that a device missed after its own crash or hang are told there.
void fold_later_steps(Groups& groups) {
  std::erase_if(groups, [&](const auto& entry) {
    const auto& [part, kind] = entry.first;
    if (kind != CauseKind::not_run) return false;
    const auto stopped = groups.find({part, CauseKind::stopped});
    if (stopped == groups.end()) return false;
    stopped->second.later_steps = entry.second.causes.size();
    return true;
  });
}

bool same_but_for_the_part(const CauseGroup& a, const CauseGroup& b) {
  return a.verdict == b.verdict && a.kind == b.kind && a.later_steps == b.later_steps &&
         std::equal(a.causes.begin(), a.causes.end(), b.causes.begin(), b.causes.end(),
                    [](const Cause& x, const Cause& y) {
                      return x.evidence == y.evidence && x.next_step == y.next_step;
                    });
}

// In the plan's order of devices, so that "d0 ... d9" reads as it should.
std::vector<CauseGroup> merge_devices(const Case& judged, Groups groups) {
  std::vector<CauseGroup> merged;
  for (const std::string& device : judged.devices()) {
    for (auto at = groups.lower_bound({device, CauseKind{}});
         at != groups.end() && at->first.first == device; at = groups.erase(at)) {
      const auto same = std::find_if(merged.begin(), merged.end(), [&](const CauseGroup& group) {
        return same_but_for_the_part(group, at->second);
      });
      if (same == merged.end()) {
        merged.push_back(std::move(at->second));
      } else {
        same->parts.push_back(device);
      }
    }
  }
  for (auto& [key, group] : groups) merged.push_back(std::move(group));
  return merged;
}

std::string counts_text(const CauseGroup& group, std::size_t shown) {
  std::string text;
  if (group.causes.size() > shown)
    text += fmt::format("; and {} more", group.causes.size() - shown);
  if (group.later_steps > 0)
    text += fmt::format("; {} later {} not run", group.later_steps,
                        group.later_steps == 1 ? "step" : "steps");
  return text;
}

// The first cause whole, and a second where three lines hold both.
std::string evidence_text(const CauseGroup& group) {
  const std::string first = group.causes.front().evidence + counts_text(group, 1);
  if (group.causes.size() < 2) return first;
  const std::string both =
      group.causes[0].evidence + "; " + group.causes[1].evidence + counts_text(group, 2);
  return both.size() <= kEvidenceWidth ? both : first;
}

std::string shell_word(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-.,:/=+%@").find(c) != std::string_view::npos;
  });
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string command_of(const Case& judged, const CauseGroup& group) {
  const PlannedStep* step = judged.step(group.causes.front().step);
  if (step == nullptr || !judged.is_device(group.parts.front())) return {};
  std::string text = fmt::format("rackproof stress {} --on {}", shell_word(step->stressor),
                                 shell_word(group.parts.front()));
  for (const auto& [key, value] : step->params) text += " --with " + shell_word(key + "=" + value);
  return text;
}

Problem problem_of(const Case& judged, const CauseGroup& group) {
  const CauseWords said = words(group.kind);
  Problem problem{group.verdict,        name_parts(group.parts),     group.parts,
                  evidence_text(group), std::string(said.next_step), {}};
  const std::string& own = group.causes.front().next_step;
  if (!own.empty()) problem.next_step = own;
  if (said.repeatable) problem.command = command_of(judged, group);
  if (problem.command.empty() && problem.next_step.ends_with(':')) problem.next_step.pop_back();
  return problem;
}

}  // namespace

std::vector<CauseGroup> group_causes(const Case& judged, const Causes& causes) {
  Groups by_part = group_by_part(without_consequences(judged, causes));
  for (auto& [key, group] : by_part) put_in_order(judged, group.causes);
  fold_later_steps(by_part);
  std::vector<CauseGroup> groups = merge_devices(judged, std::move(by_part));
  std::stable_sort(groups.begin(), groups.end(), [](const CauseGroup& a, const CauseGroup& b) {
    if (a.verdict != b.verdict) return worse(a.verdict, b.verdict);
    return std::pair(a.kind, a.causes.front().brief.empty()) <
           std::pair(b.kind, b.causes.front().brief.empty());
  });
  return groups;
}

std::vector<Problem> problems_of(const Case& judged, const std::vector<CauseGroup>& groups) {
  std::vector<Problem> problems;
  for (const CauseGroup& group : groups) problems.push_back(problem_of(judged, group));
  return problems;
}

std::string name_parts(const std::vector<std::string>& parts) {
  if (parts.size() <= kMostNames) return fmt::format("{}", fmt::join(parts, ", "));
  return fmt::format("{} ... {} ({} devices)",
                     fmt::join(parts.begin(), parts.begin() + kMostNames - 1, ", "), parts.back(),
                     parts.size());
}

}  // namespace rackproof
