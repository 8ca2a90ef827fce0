// SPDX-License-Identifier: Apache-2.0
// What the live view shows, as a pure function of the run's state and the terminal's size.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/progress_text.h"

namespace rackproof {

/// One device of the step in hand.
struct DeviceView {
  enum class State { starting, running, done, ended_badly };
  std::string id;
  State state = State::starting;
  std::string word;  ///< the state in a word: "running", "hung"
  std::string rate;  ///< "642.2 GOP/s", of the newest window; empty: none yet
  std::uint64_t miscompares = 0;
  std::optional<double> temperature_celsius, power_w;
};

struct RunView {
  std::string profile, stage, step;  ///< step: "compute.gemm dtype=int8"; empty: between steps
  std::size_t index = 0, count = 0;  ///< index from 1
  double elapsed_s = 0;
  std::optional<double> left_s;
  bool at_least = false;  ///< left_s leaves out steps whose time nobody knows
  double step_elapsed_s = 0;
  double step_duration_s = 0;  ///< 0: it ends by passes
  bool drill = false, stopping = false;
  std::vector<DeviceView> devices;
};

struct Screen {
  std::size_t columns = 80, rows = 24;
  Look look;
  friend bool operator==(const Screen& a, const Screen& b) {
    return a.columns == b.columns && a.rows == b.rows;
  }
};

/// The block's lines, each narrower than the screen and together lower, so that what happens can
/// scroll by above. Where not all devices fit, the worst and busiest are shown and the rest
/// counted.
[[nodiscard]] std::vector<std::string> lay_out(const RunView& view, const Screen& screen);

/// "0:07", "12:34", "1:02:03".
[[nodiscard]] std::string clock_text(double seconds);

}  // namespace rackproof
