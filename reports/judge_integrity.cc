// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_integrity.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>

#include "reports/judge_miscompares.h"
#include "reports/pair_text.h"

namespace rackproof {
namespace {

std::string bits_of(const std::optional<Bits>& bits) { return bits ? hex64(*bits) : "none"; }

// An armed fault excuses only where the plan has faults.
bool excused(const Attempt& attempt, const WorkTally& tally) {
  return tally.faulted && attempt.step != nullptr && !attempt.step->faults.empty();
}

bool reads(const std::string& work) {
  const bool sweep_reads = work.starts_with("sweep ") && work.find(" read ") != std::string::npos;
  const bool stripe_reads = work.starts_with("stripe ") && work.find(" read ") != std::string::npos;
  return sweep_reads || stripe_reads || work.starts_with("gemm ") || work.starts_with("copy ") ||
         work.starts_with("triad ") || work.starts_with("check ") || work.starts_with("mix ") ||
         work.starts_with("reduce ");
}

bool has_golden(const std::string& work) { return reads(work) && !work.ends_with(" random"); }

std::string address_text(const Finding& f) {
  if (f.address == 0) return "";
  return ", address " + hex64(f.address) + (f.dimm.empty() ? "" : " in " + f.dimm);
}

std::string first_text(const Unexplained& first) {
  if (first.finding == nullptr) return "none of them sampled";
  const Finding& f = *first.finding;
  return fmt::format("first: element {}, expected {}, got {}, {}, burst {}, pattern {}{}{}",
                     f.element, hex64(f.expected), hex64(f.got), core_text(f.core), f.burst,
                     hex64(f.pattern), address_text(f), f.peer.empty() ? "" : ", from " + f.peer);
}

class Inspector {
 public:
  explicit Inspector(const Attempt& attempt) : attempt_(attempt), task_(*attempt.task) {}

  Causes run() {
    miscompares();
    for (const WindowRecord& window : task_.windows) {
      for (const WorkTally& tally : window.work) inspect(window, tally);
    }
    if (wrong_digests_ > 0) add_wrong(one_peer_ ? first_wrong_->peer : "", digest_text());
    if (unread_ > 0) {
      add(Verdict::error, CauseKind::machinery,
          fmt::format("{} results in {} carry no digest to compare", unread_, task_.step));
    }
    if (uncompared_ > 0) {
      add(Verdict::incomplete, CauseKind::not_measured,
          fmt::format("{} of {} results of {} were not compared with a golden", uncompared_,
                      comparable_, task_.step));
    }
    excuses();
    return std::move(causes_);
  }

 private:
  void add(Verdict verdict, CauseKind kind, std::string text) {
    causes_.push_back({verdict, kind, task_.device, task_.step, std::move(text)});
  }

  // Wrong results whose data came from one other device: the link between the two.
  void add_wrong(const std::string& peer, const std::string& text) {
    const std::string pair = peer.empty() ? peer : pair_text(peer, task_.device);
    add(Verdict::fail, CauseKind::wrong_results, pair.empty() ? text : pair + ": " + text);
    if (!pair.empty())
      causes_.back().brief = fmt::format("{} ({})", words(CauseKind::wrong_results).brief, pair);
  }

  void miscompares() {
    const FaultMatch& found = attempt_.faults;
    if (found.miscompares == 0) return;
    const MiscompareSummary summary = summarize(attempt_);
    const std::string common = in_common(summary);
    add_wrong(summary.peers.size() == 1 ? summary.peers.begin()->first : "",
              fmt::format("{} miscompares in {}{}; {}{}", found.miscompares, task_.step,
                          unexplained_text(), first_text(found.first),
                          common.empty() ? "" : "; " + common));
  }

  [[nodiscard]] const char* unexplained_text() const {
    if (attempt_.drill()) return " that no drill fault explains";
    return attempt_.faults.injected > 0 ? " that no fault of ours explains" : "";
  }

  void inspect(const WindowRecord& window, const WorkTally& tally) {
    if (excused(attempt_, tally)) return;
    if (has_golden(tally.work)) {
      ++comparable_;
      uncompared_ += tally.digest && !tally.expected ? 1 : 0;
    }
    if (!tally.digest && (tally.expected || reads(tally.work))) ++unread_;
    if (!tally.expected || !tally.digest || tally.digest->value == tally.expected->value) return;
    if (++wrong_digests_ == 1) first_wrong_ = &tally;
    one_peer_ = one_peer_ && tally.peer == first_wrong_->peer;
    silent_ = silent_ || claimed_miscompares(window) == 0;
  }

  [[nodiscard]] std::string digest_text() const {
    return fmt::format(
        "result digest differs from the golden{} ({} times in {}; first: {}, pattern "
        "{}, golden {}, got {})",
        silent_ ? " although the device counted 0 miscompares" : "", wrong_digests_, task_.step,
        first_wrong_->work, hex64(first_wrong_->pattern), bits_of(first_wrong_->expected),
        bits_of(first_wrong_->digest));
  }

  void excuses() {
    if (attempt_.faults.surplus_faults > 0) {
      add(Verdict::error, CauseKind::machinery,
          fmt::format("{} faults in {} that the plan does not hold", attempt_.faults.surplus_faults,
                      task_.step));
    }
    if (attempt_.faults.surplus_excuses > 0) {
      add(Verdict::error, CauseKind::machinery,
          fmt::format(
              "{} more bursts in {} are marked as struck by a fault than faults were committed",
              attempt_.faults.surplus_excuses, task_.step));
    }
  }

  const Attempt& attempt_;
  const TaskRecord& task_;
  Causes causes_;
  std::uint64_t wrong_digests_ = 0, unread_ = 0, comparable_ = 0, uncompared_ = 0;
  const WorkTally* first_wrong_ = nullptr;
  bool silent_ = false, one_peer_ = true;
};

using ResultKey = std::tuple<std::string, std::string, std::uint64_t, int, int>;

}  // namespace

Causes integrity_of(const Attempt& attempt) { return Inspector(attempt).run(); }

Causes repeatability_of(const Case& judged) {
  std::map<ResultKey, std::uint64_t> first;
  std::map<std::pair<std::string, std::string>, Cause> broken;
  for (const Attempt& attempt : judged.attempts()) {
    const TaskRecord& task = *attempt.task;
    for (const WindowRecord& window : task.windows) {
      for (const WorkTally& t : window.work) {
        if (excused(attempt, t) || !t.digest || t.expected) continue;
        const auto [known, fresh] =
            first.try_emplace({task.device, t.work, t.pattern, t.address_bit, t.half}, *t.digest);
        if (fresh || known->second == t.digest->value) continue;
        broken.try_emplace(
            {task.device, task.step},
            Cause{
                Verdict::fail, CauseKind::wrong_results, task.device, task.step,
                fmt::format("not repeatable: {} on pattern {} gave {} and then {} in {}", t.work,
                            hex64(t.pattern), hex64(known->second), bits_of(t.digest), task.step)});
      }
    }
  }
  Causes causes;
  for (auto& [place, cause] : broken) causes.push_back(std::move(cause));
  return causes;
}

}  // namespace rackproof
