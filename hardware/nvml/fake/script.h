// SPDX-License-Identifier: Apache-2.0
// What the fake driver library says: a text file, read at nvmlInit. docs/reference/nvml-fake.md.
#pragma once

#include <nvml.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace rackproof::nvml_fake {

/// What one call gives: an error, or a number; after a pause.
struct Outcome {
  nvmlReturn_t code = NVML_SUCCESS;
  unsigned long long number = 0;  ///< a negative one in two's complement
  std::chrono::milliseconds pause{0};
  bool none = false;  ///< "-": there is nothing (an event)
};

/// The values of one key, one a call; the last one stays, or goes on rising.
class Trace {
 public:
  /// Throws std::runtime_error that names the word it does not know.
  explicit Trace(const std::string& words);
  /// The next one. `elapsed_s` since nvmlInit, for values that rise by the second.
  Outcome next(double elapsed_s);

 private:
  std::vector<Outcome> steps_;
  std::size_t at_ = 0;
  unsigned long long per_call_ = 0;
  double per_second_ = 0;
};

struct Process {
  unsigned pid = 0;
  std::string name;
  unsigned long long bytes = 0;
};

struct Gpu {
  std::string bdf, name, uuid, serial;
  std::map<std::string, Trace> traces;
  std::map<std::string, std::vector<Process>> processes;  ///< "compute", "graphics", "mps"
  bool lost = false;
};

struct Script {
  std::map<std::string, std::string> system;  ///< "driver", "nvml", "cuda", "init"
  std::vector<Gpu> gpus;
  std::chrono::steady_clock::time_point opened{};
};

/// Throws std::runtime_error with the line's number.
[[nodiscard]] Script read_script(const std::string& file);
/// By NVML's name without its prefix: "GPU_IS_LOST". Throws std::out_of_range.
[[nodiscard]] nvmlReturn_t error_of(const std::string& name);
/// What a healthy H200 gives for a key that the script does not name; empty: not supported.
[[nodiscard]] std::string healthy(const std::string& key);

}  // namespace rackproof::nvml_fake
