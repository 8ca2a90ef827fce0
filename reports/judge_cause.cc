// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_cause.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace rackproof {
namespace {

constexpr std::size_t kEvidencesShown = 3;
constexpr std::size_t kNamesInHeadline = 3;

struct Words {
  std::string_view short_name, next_step;
};

Words words(CauseKind kind) {
  switch (kind) {
    case CauseKind::wrong_results:
      return {
          "wrong results",
          "take the part out of service; replay the burst (rackproof replay), swap the part with a "
          "good one to see whether the fault follows it, then replace it"};
    case CauseKind::fatal_event:
      return {"fatal event",
              "read the event and the kernel log around it; reseat or replace the part"};
    case CauseKind::inventory:
      return {"wrong inventory",
              "look for a missing, extra or unseated part; correct it and run again"};
    case CauseKind::stopped:
      return {
          "worker crashed or hung",
          "read the kernel log at that time; run the step again alone; when it repeats, replace "
          "the part"};
    case CauseKind::slow:
      return {
          "slow",
          "check cooling, power cap, clocks and link width, then swap with a sibling and compare"};
    case CauseKind::over_limit:
      return {"over a limit", "check cooling, power and settings, then run the step again"};
    case CauseKind::machinery:
      return {"rackproof or driver failed",
              "says nothing about the hardware: correct the driver or the set-up and run again"};
    case CauseKind::impossible:
      return {"impossible numbers",
              "do not trust this measurement: check clock source, driver and tool, then run again"};
    case CauseKind::environment:
      return {"environment spoiled the measurement",
              "free the machine (other jobs, power cap, locked clocks, swap) and run again"};
    case CauseKind::campaign:
      return {"run did not reach its end", "resume the run, or run it again to its end"};
    case CauseKind::not_measured:
      return {"not measured", "find out why nothing was measured, then run the step again"};
    case CauseKind::unproven:
      return {"detectors unproven",
              "do not trust a clean result of this device: run the drill again; when a fault stays "
              "unseen, report it"};
    case CauseKind::not_covered:
      return {"not covered", "free memory, sensors and cores for the test, or run a longer stage"};
  }
  return {"unknown cause", "report this"};
}

bool worse(Verdict a, Verdict b) { return a != b && worst(a, b) == a; }

struct Merged {
  Problem problem;
  CauseKind kind{};
  std::vector<const Cause*> causes;
};

std::string joined_evidence(std::vector<const Cause*> causes) {
  std::stable_sort(causes.begin(), causes.end(),
                   [](const Cause* a, const Cause* b) { return worse(a->verdict, b->verdict); });
  std::string text;
  std::set<std::string_view> said;
  for (const Cause* cause : causes) {
    if (!said.insert(cause->evidence).second || said.size() > kEvidencesShown) continue;
    text += (text.empty() ? "" : "; ") + cause->evidence;
  }
  if (said.size() > kEvidencesShown)
    text += fmt::format("; and {} more of this kind", said.size() - kEvidencesShown);
  return text;
}

std::vector<Merged> merge(const Causes& causes) {
  std::map<std::pair<std::string, CauseKind>, Merged> groups;
  for (const Cause& cause : causes) {
    Merged& group = groups[{cause.part, cause.kind}];
    group.kind = cause.kind;
    group.problem.part = cause.part;
    group.problem.verdict =
        group.causes.empty() ? cause.verdict : worst(group.problem.verdict, cause.verdict);
    group.causes.push_back(&cause);
  }
  std::vector<Merged> merged;
  for (auto& [key, group] : groups) merged.push_back(std::move(group));
  std::stable_sort(merged.begin(), merged.end(), [](const Merged& a, const Merged& b) {
    if (a.problem.verdict != b.problem.verdict) return worse(a.problem.verdict, b.problem.verdict);
    return a.kind < b.kind;
  });
  return merged;
}

std::string pass_line(const Plan& plan) {
  return fmt::format("PASS: {} of {} devices hold every required limit of {}, detectors proven",
                     plan.devices.size(), plan.devices.size(),
                     plan.profile.empty() ? "the plan" : plan.profile);
}

}  // namespace

Verdict worst_of(const Causes& causes) {
  Verdict verdict = Verdict::pass;
  for (const Cause& cause : causes) verdict = worst(verdict, cause.verdict);
  return verdict;
}

std::vector<Problem> merge_into_problems(const Causes& causes) {
  std::vector<Problem> problems;
  for (Merged& group : merge(causes)) {
    group.problem.evidence = joined_evidence(group.causes);
    group.problem.next_step = words(group.kind).next_step;
    problems.push_back(std::move(group.problem));
  }
  return problems;
}

std::string headline_of(Verdict verdict, const std::vector<DeviceResult>& devices,
                        const Causes& causes, const Plan& plan) {
  if (verdict == Verdict::pass) return pass_line(plan);
  const auto concerned = std::count_if(devices.begin(), devices.end(),
                                       [&](const DeviceResult& d) { return d.verdict == verdict; });
  std::string text = fmt::format("{}: ", name(verdict));
  if (concerned > 0) text += fmt::format("{} of {} devices: ", concerned, devices.size());
  std::size_t named = 0;
  std::set<std::string> parts;
  for (const Merged& group : merge(causes)) {
    if (group.problem.verdict != verdict || !parts.insert(group.problem.part).second) continue;
    if (++named > kNamesInHeadline) continue;
    text += fmt::format("{}{} {}", named > 1 ? ", " : "", group.problem.part,
                        words(group.kind).short_name);
  }
  return named > kNamesInHeadline ? text + ", ..." : text;
}

}  // namespace rackproof
