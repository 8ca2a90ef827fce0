// SPDX-License-Identifier: Apache-2.0
// Stands between the stressor and the back end's Prepared.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/context_impl.h"

namespace rackproof {

/// Records every burst in its step's window, and lets the step's faults strike.
class Context::Watched : public Prepared {
 public:
  Watched(Impl& step, std::unique_ptr<Prepared> inner, std::string work, std::string peer)
      : step_(step), inner_(std::move(inner)), work_(std::move(work)), peer_(std::move(peer)) {}

  Burst run(const RunFor& how) override;
  std::unique_ptr<ArmedFault> arm(const Fault& fault) override { return inner_->arm(fault); }

 private:
  using Guard = std::lock_guard<std::recursive_mutex>;
  class Flight;

  Burst fly(const RunFor& how);
  const Fault* begin();
  void settle();
  Burst ordinary(const RunFor& how);
  /// A drill's fault strikes the burst that was asked for.
  Burst struck(const Fault& fault, const ArmedFault& armed, const RunFor& how);
  /// An unannounced fault strikes a burst of its own, of the load's own size and settings, before
  /// the one that was asked for: what is measured and reported of the load stays clean.
  Burst beside(const Fault& fault, std::unique_ptr<ArmedFault> armed, const RunFor& how);
  Burst untimely(const Fault& fault, const RunFor& how);
  [[noreturn]] void never_answer(const Fault& fault);
  void hand_on();
  void note(const Burst& burst, const RunFor& how, bool faulted);

  Impl& step_;
  std::unique_ptr<Prepared> inner_;
  std::string work_, peer_;
};

}  // namespace rackproof
