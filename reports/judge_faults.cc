// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>

#include "core/device.h"

namespace rackproof {
namespace {

using SiteKind = std::pair<std::string, std::string>;

bool changes(const FaultRecord::Flip& flip) { return flip.before != flip.after; }

bool is_timing(const FaultRecord& fault) { return fault.site == name(FaultSite::timing); }

// Columns of a gemm's result; none for other work.
std::optional<std::uint64_t> gemm_columns(const std::string& work) {
  std::istringstream in(work);
  std::string kind, in_type, acc_type;
  std::uint64_t m = 0, n = 0;
  in >> kind >> in_type >> acc_type >> m >> n;
  return in && kind == "gemm" && n > 0 ? std::optional(n) : std::nullopt;
}

// The window of one struck burst: which of its findings a fault explains.
class Struck {
 public:
  Struck(const WindowRecord& window, const FaultRecord& fault) : fault_(fault) {
    for (const WorkTally& tally : window.work) {
      if (tally.faulted) work_ = tally.work;
    }
    for (const Finding& finding : window.findings) {
      if (finding.burst == fault.burst) findings_.push_back(&finding);
    }
    columns_ = fault.site == name(FaultSite::operand) ? gemm_columns(work_) : std::nullopt;
    spread_ = columns_ && one_row_or_column();
  }

  [[nodiscard]] bool explains(const Finding& finding) const {
    if (finding.burst != fault_.burst) return false;
    if (columns_) return spread_;
    return std::any_of(fault_.flips.begin(), fault_.flips.end(),
                       [&](const auto& flip) { return at_place(flip, finding); });
  }
  [[nodiscard]] bool detected() const {
    return std::any_of(findings_.begin(), findings_.end(),
                       [&](const Finding* finding) { return identifies(*finding); });
  }

 private:
  // One wrong operand makes one row or one column of the product wrong, and nothing else.
  [[nodiscard]] bool one_row_or_column() const {
    std::set<std::uint64_t> rows, columns;
    for (const Finding* finding : findings_) {
      rows.insert(finding->element / *columns_);
      columns.insert(finding->element % *columns_);
    }
    return rows.size() == 1 || columns.size() == 1;
  }
  [[nodiscard]] static bool at_place(const FaultRecord::Flip& flip, const Finding& finding) {
    return changes(flip) && flip.element == finding.element;
  }
  // A triad's result is computed from the struck word, so only the place carries over.
  [[nodiscard]] bool identifies(const Finding& finding) const {
    if (columns_) return spread_;
    const bool computed = work_.starts_with("triad") || fault_.site == name(FaultSite::operand);
    return std::any_of(fault_.flips.begin(), fault_.flips.end(), [&](const auto& flip) {
      const bool same_bits = (finding.expected ^ finding.got) == (flip.before ^ flip.after);
      return at_place(flip, finding) && (computed || same_bits);
    });
  }

  const FaultRecord& fault_;
  std::string work_;
  std::vector<const Finding*> findings_;
  std::optional<std::uint64_t> columns_;
  bool spread_ = false;
};

class Matcher {
 public:
  Matcher(const PlannedStep* step, const TaskRecord& task) : task_(task) {
    if (step == nullptr || !step->drill) return;
    for (const PlannedFault& fault : step->faults) {
      ++open_[{std::string(name(fault.site)), std::string(name(fault.kind))}];
    }
    planned_ = step->faults.size();
  }

  FaultMatch run() {
    for (const WindowRecord& window : task_.windows) take(window);
    match_.all_committed = planned_ > 0 && match_.injected == planned_;
    match_.surplus_excuses = faulted_bursts_ > struck_ ? faulted_bursts_ - struck_ : 0;
    return std::move(match_);
  }

 private:
  void take(const WindowRecord& window) {
    std::vector<const FaultRecord*> accepted;
    for (const FaultRecord& fault : window.faults) {
      if (accept(fault)) accepted.push_back(&fault);
    }
    for (const FaultRecord* fault : accepted) judge_fault(window, *fault);
    for (const WorkTally& tally : window.work) {
      if (tally.faulted) faulted_bursts_ += tally.bursts;
    }
    count_unexplained(window, accepted);
    count_late(window, accepted);
  }

  // Only what the plan asked for excuses anything.
  bool accept(const FaultRecord& fault) {
    const auto open = open_.find({fault.site, fault.kind});
    if (open == open_.end() || open->second == 0) {
      ++match_.surplus_faults;
      return false;
    }
    --open->second;
    ++match_.injected;
    return true;
  }

  void judge_fault(const WindowRecord& window, const FaultRecord& fault) {
    if (is_timing(fault)) return judge_timing(window, fault);
    ++struck_;
    if (std::none_of(fault.flips.begin(), fault.flips.end(), changes)) return;
    settle(fault, Struck(window, fault).detected());
  }

  void judge_timing(const WindowRecord& window, const FaultRecord& fault) {
    if (fault.kind != name(FaultKind::missing)) {
      return settle(fault,
                    std::any_of(window.late.begin(), window.late.end(),
                                [&](const auto& late) { return late.burst == fault.burst; }));
    }
    const bool last = &window == &task_.windows.back();
    match_.hung_as_asked = task_.outcome == Outcome::hung && last;
    // Ended from outside before the silence could be noticed: neither found nor missed.
    if (match_.hung_as_asked || task_.outcome == Outcome::finished)
      settle(fault, match_.hung_as_asked);
  }

  void settle(const FaultRecord& fault, bool found) {
    ++match_.activated;
    if (const auto site = fault_site_from_name(fault.site)) match_.proven_sites.insert(*site);
    if (!found) {
      match_.missed.push_back(describe(fault));
      return;
    }
    ++match_.detected;
    ++match_
          .localised;  // a finding counts only at the fault's own element, in this device's record
  }

  static std::string describe(const FaultRecord& fault) {
    if (fault.flips.empty())
      return fmt::format("{}/{} in burst {}", fault.site, fault.kind, fault.burst);
    return fmt::format("{}/{} at element {} in burst {}", fault.site, fault.kind,
                       fault.flips.front().element, fault.burst);
  }

  void count_unexplained(const WindowRecord& window,
                         const std::vector<const FaultRecord*>& accepted) {
    std::vector<Struck> struck;
    for (const FaultRecord* fault : accepted) struck.emplace_back(window, *fault);
    std::uint64_t strangers = 0;
    for (const Finding& finding : window.findings) {
      const bool explained = std::any_of(struck.begin(), struck.end(),
                                         [&](const Struck& s) { return s.explains(finding); });
      if (explained) continue;
      ++strangers;
      note(window, &finding);
    }
    // A fault that lasts fills the samples; what was only counted is its work as well.
    const bool filled = window.findings.size() >= kMaxSamples && strangers == 0 && !struck.empty();
    const std::uint64_t unsampled =
        filled ? 0 : claimed_miscompares(window) - window.findings.size();
    if (unsampled > 0) note(window, nullptr);
    match_.miscompares += strangers + unsampled;
  }

  void note(const WindowRecord& window, const Finding* finding) {
    if (match_.first.window == nullptr || (match_.first.finding == nullptr && finding != nullptr))
      match_.first = {&window, finding};
  }

  void count_late(const WindowRecord& window, const std::vector<const FaultRecord*>& accepted) {
    for (const Lateness& late : window.late) {
      const bool asked =
          std::any_of(accepted.begin(), accepted.end(), [&](const FaultRecord* fault) {
            return is_timing(*fault) && fault->burst == late.burst;
          });
      if (!asked) ++match_.late_answers;
    }
  }

  const TaskRecord& task_;
  std::map<SiteKind, std::uint64_t> open_;
  std::size_t planned_ = 0;
  std::uint64_t struck_ = 0, faulted_bursts_ = 0;
  FaultMatch match_;
};

}  // namespace

FaultMatch match_faults(const PlannedStep* step, const TaskRecord& task) {
  return Matcher(step, task).run();
}

std::uint64_t claimed_miscompares(const WindowRecord& window) {
  std::uint64_t by_cores = 0;
  for (const CoreTally& core : window.cores) by_cores += core.miscompares;
  std::uint64_t most =
      std::max({window.miscompares, by_cores, static_cast<std::uint64_t>(window.findings.size())});
  for (const MetricWindow& metric : window.metrics) {
    if (metric.metric != "miscompares" || !(metric.sum > 0)) continue;
    // Beyond 2^53 a double counts nothing exactly; any number of miscompares is one too many.
    most = std::max(most, static_cast<std::uint64_t>(std::min(std::ceil(metric.sum), 9e15)));
  }
  return most;
}

}  // namespace rackproof
