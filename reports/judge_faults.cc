// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "core/device.h"

namespace rackproof {
namespace {

using SiteKind = std::pair<std::string, std::string>;

bool changes(const FaultRecord::Flip& flip) { return flip.before != flip.after; }

bool is_timing(const FaultRecord& fault) { return fault.site == name(FaultSite::timing); }

// A gemm's sizes; none for other work.
struct GemmSize {
  std::uint64_t m = 0, n = 0, k = 0;
};
std::optional<GemmSize> gemm_size(const std::string& work) {
  std::istringstream in(work);
  std::string kind, in_type, acc_type;
  GemmSize size;
  in >> kind >> in_type >> acc_type >> size.m >> size.n >> size.k;
  const bool whole = in && kind == "gemm" && size.m > 0 && size.n > 0 && size.k > 0;
  return whole ? std::optional(size) : std::nullopt;
}

// One struck burst: which of its window's findings a fault explains.
class Struck {
 public:
  Struck(const WindowRecord& window, const FaultRecord& fault) : fault_(fault) {
    for (const Finding& finding : window.findings) {
      if (finding.burst == fault.burst) findings_.push_back(&finding);
    }
    const bool operand = fault.site == name(FaultSite::operand);
    if (const auto size = gemm_size(fault.work); operand && size) spread_over(*size);
  }

  [[nodiscard]] bool explains(const Finding& finding) const {
    if (finding.burst != fault_.burst) return false;
    return in_product(finding) ||
           std::any_of(fault_.flips.begin(), fault_.flips.end(),
                       [&](const auto& flip) { return at_place(flip, finding); });
  }
  [[nodiscard]] bool detected() const {
    return std::any_of(findings_.begin(), findings_.end(),
                       [&](const Finding* finding) { return identifies(*finding); });
  }
  /// What was found in that burst is the fault's and nothing else.
  [[nodiscard]] bool localised() const {
    return std::all_of(findings_.begin(), findings_.end(),
                       [&](const Finding* finding) { return explains(*finding); });
  }

 private:
  // A wrong element of a makes its row of the product wrong, one of b its column, and nothing else.
  void spread_over(const GemmSize& size) {
    columns_ = size.n;
    elements_ = size.m * size.n;
    for (const FaultRecord::Flip& flip : fault_.flips) {
      if (!changes(flip) || flip.element < elements_) continue;
      const std::uint64_t operand = flip.element - elements_;
      if (operand < size.m * size.k)
        struck_rows_.insert(operand / size.k);
      else
        struck_columns_.insert((operand - size.m * size.k) % size.n);
    }
  }
  [[nodiscard]] bool in_product(const Finding& finding) const {
    if (finding.element >= elements_) return false;
    return struck_rows_.contains(finding.element / columns_) ||
           struck_columns_.contains(finding.element % columns_);
  }
  [[nodiscard]] static bool at_place(const FaultRecord::Flip& flip, const Finding& finding) {
    return changes(flip) && flip.element == finding.element;
  }
  // What is computed from a struck element shows at its place, with other bits.
  [[nodiscard]] bool identifies(const Finding& finding) const {
    if (in_product(finding)) return true;
    const bool computed = fault_.work.starts_with("triad");
    return std::any_of(fault_.flips.begin(), fault_.flips.end(), [&](const auto& flip) {
      const bool same_bits = (finding.expected ^ finding.got) == (flip.before ^ flip.after);
      return at_place(flip, finding) && (computed || same_bits);
    });
  }

  const FaultRecord& fault_;
  std::vector<const Finding*> findings_;
  std::uint64_t columns_ = 1,
                elements_ = 0;  // of the product; 0: an operand's faults do not spread
  std::set<std::uint64_t> struck_rows_, struck_columns_;
};

class Matcher {
 public:
  Matcher(const PlannedStep* step, const TaskRecord& task) : task_(task) {
    if (step == nullptr) return;
    for (const PlannedFault& fault : step->faults)
      open_[{std::string(name(fault.site)), std::string(name(fault.kind))}] += fault.times;
    planned_ = count_of(step->faults);
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
    const Struck struck(window, fault);
    settle(fault, struck.detected(), struck.localised());
  }

  void judge_timing(const WindowRecord& window, const FaultRecord& fault) {
    if (fault.kind != name(FaultKind::missing)) {
      const bool late = std::any_of(window.late.begin(), window.late.end(),
                                    [&](const auto& l) { return l.burst == fault.burst; });
      return settle(fault, late, late);
    }
    const bool last = &window == &task_.windows.back();
    match_.hung_as_asked = task_.outcome == Outcome::hung && last;
    // Ended from outside before the silence could be noticed: neither found nor missed.
    if (match_.hung_as_asked || task_.outcome == Outcome::finished)
      settle(fault, match_.hung_as_asked, match_.hung_as_asked);
  }

  void settle(const FaultRecord& fault, bool found, bool placed) {
    ++match_.activated;
    if (const auto site = fault_site_from_name(fault.site)) match_.proven_sites.insert(*site);
    if (!found) {
      match_.missed.push_back(describe(fault));
      return;
    }
    ++match_.detected;
    if (placed) ++match_.localised;
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
      match_.strangers.push_back(&finding);
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
  std::uint64_t planned_ = 0;
  std::uint64_t struck_ = 0, faulted_bursts_ = 0;
  FaultMatch match_;
};

}  // namespace

FaultMatch match_faults(const PlannedStep* step, const TaskRecord& task) {
  return Matcher(step, task).run();
}

WindowTrouble trouble_in(const PlannedStep& step, const WindowRecord& window) {
  TaskRecord alone;
  alone.windows = {window};
  const FaultMatch match = match_faults(&step, alone);
  if (match.first.finding == nullptr) return {match.miscompares, nullptr};
  const auto at = match.first.finding - alone.windows[0].findings.data();
  return {match.miscompares, &window.findings[static_cast<std::size_t>(at)]};
}

bool detected(const WindowRecord& window, const FaultRecord& fault) {
  return Struck(window, fault).detected();
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
