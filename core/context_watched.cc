// SPDX-License-Identifier: Apache-2.0
#include "core/context_watched.h"

#include <algorithm>
#include <thread>

namespace rackproof {
namespace {

bool is_timing(const Fault& fault) { return fault.site == FaultSite::timing; }

}  // namespace

Burst Context::Watched::run(const RunFor& how) {
  const Fault* fault = begin();
  if (fault == nullptr) return ordinary(how);
  if (is_timing(*fault)) return untimely(*fault, how);
  std::unique_ptr<ArmedFault> armed = inner_->arm(*fault);
  if (!armed) {  // this workload cannot suffer it: wait for one that can
    settle();
    return ordinary(how);
  }
  return step_.settings.drill ? struck(*fault, *armed, how) : beside(*fault, std::move(armed), how);
}

// A burst on its way, until it comes back or throws.
class Context::Watched::Flight {
 public:
  explicit Flight(Impl& step) : step_(step) { count(1); }
  ~Flight() { count(-1); }
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

 private:
  void count(int more) {
    const Guard guard(step_.mutex);
    step_.take_off(more);
  }
  Impl& step_;
};

Burst Context::Watched::fly(const RunFor& how) {
  const Flight flight(step_);
  return inner_->run(how);
}

// Windows are handed on before a burst, so that the stressor has recorded what it made of the
// burst before.
const Fault* Context::Watched::begin() {
  const Guard guard(step_.mutex);
  step_.begin_load();
  step_.flush_when_due();
  return step_.claim_fault();
}

void Context::Watched::settle() {
  const Guard guard(step_.mutex);
  step_.settle_fault();
}

Burst Context::Watched::ordinary(const RunFor& how) {
  const Burst burst = fly(how);
  const Guard guard(step_.mutex);
  note(burst, how, false);
  ++step_.bursts_since_fault;
  return burst;
}

Burst Context::Watched::struck(const Fault& fault, const ArmedFault& armed, const RunFor& how) {
  const Burst burst = fly(how);
  const Guard guard(step_.mutex);
  step_.note_fault(fault, work_, armed.activations());
  note(burst, how, true);
  step_.bursts_since_fault = 0;
  return burst;
}

Burst Context::Watched::beside(const Fault& fault, std::unique_ptr<ArmedFault> armed,
                               const RunFor& how) {
  const auto asked = how.until - Clock::now();
  hand_on();
  (void)struck(fault, *armed, how);
  armed.reset();
  hand_on();
  RunFor again = how;
  if (how.iterations == 0) again.until = Clock::now() + asked;
  return ordinary(again);
}

// A window of its own: what the fault's samples crowd out must not be the load's.
void Context::Watched::hand_on() {
  const Guard guard(step_.mutex);
  step_.flush();
}

Burst Context::Watched::untimely(const Fault& fault, const RunFor& how) {
  if (fault.kind == FaultKind::missing) never_answer(fault);
  Burst burst = fly(how);
  std::this_thread::sleep_for(from_seconds(fault.delay_s));
  burst.end = Clock::now();
  const Guard guard(step_.mutex);
  step_.note_fault(fault, work_, {});
  note(burst, how, false);
  step_.bursts_since_fault = 0;
  return burst;
}

void Context::Watched::note(const Burst& burst, const RunFor& how, bool faulted) {
  const WorkKey key{work_, how.pattern, how.address_bit, how.half};
  step_.window.add(key, peer_, burst, step_.bursts, faulted);
  const auto asked =
      how.iterations > 0 ? from_seconds(step_.settings.burst_s) : how.until - burst.start;
  const double late =
      seconds_between(burst.start + std::max(asked, Clock::duration::zero()), burst.end);
  const bool bounded = how.iterations == 0 || step_.settings.drill;
  if (bounded && late > step_.settings.late_after_s)
    step_.window.record().late.push_back({step_.bursts, late});
  ++step_.bursts;
}

void Context::Watched::never_answer(const Fault& fault) {
  {
    const Guard guard(step_.mutex);
    step_.note_fault(fault, work_, {});
    step_.flush();
  }
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));  // until the supervisor notices
}

}  // namespace rackproof
