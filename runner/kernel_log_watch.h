// SPDX-License-Identifier: Apache-2.0
// Was all of the kernel log read? One record a window, without a gap between them.
#pragma once

#include <optional>
#include <string>

#include "core/record.h"
#include "runner/telemetry_message.h"

namespace rackproof {

class KernelLogWatch {
 public:
  /// The first news begin the watch; what comes later covers all the time since the window before,
  /// since sequence numbers show every loss.
  void add(const KernelNews& news, double at_s);
  /// The reader is gone. What it would have read next is known only when it had read before.
  void reader_lost();
  /// Nobody will read on.
  void give_up(const std::string& why, double at_s);
  /// Of the time since the last window; none while there is no news.
  [[nodiscard]] std::optional<KernelLogWindow> take(double end_s);
  /// Where the next reader goes on.
  [[nodiscard]] std::optional<std::uint64_t> last() const { return last_; }

 private:
  KernelLogWindow window_;
  std::optional<double> begun_s_;
  std::optional<std::uint64_t> last_;
  bool news_ = false, proven_ = false;
  std::string abandoned_;  ///< why nobody reads on
};

}  // namespace rackproof
