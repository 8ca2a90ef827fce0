// SPDX-License-Identifier: Apache-2.0
// A second burst on the same device at the same time.
#pragma once

#include <exception>
#include <thread>

#include "core/device.h"

namespace rackproof {

/// Runs one burst in a thread of its own, from its making on; ends with its burst or itself.
class Companion {
 public:
  /// Null: there is nothing to run, and the burst is empty.
  Companion(Prepared* work, const RunFor& how) {
    if (work != nullptr) thread_ = std::thread([this, work, how] { run(*work, how); });
  }
  ~Companion() {
    if (thread_.joinable()) thread_.join();
  }
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;

  /// Waits for its end; throws what the burst threw.
  [[nodiscard]] const Burst& burst() {
    if (thread_.joinable()) thread_.join();
    if (error_) std::rethrow_exception(error_);
    return burst_;
  }

 private:
  void run(Prepared& work, const RunFor& how) {
    try {
      burst_ = work.run(how);
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  Burst burst_;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace rackproof
