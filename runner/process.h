// SPDX-License-Identifier: Apache-2.0
// Worker processes: started with clean file descriptors in a group of their own, killed and reaped
// without ever waiting for one. A worker dies with the thread that started it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"

namespace rackproof {

/// A running worker and this side's ends of its socket and its stderr (both non-blocking).
class Child {
 public:
  Child(pid_t pid, int control, int errors) : pid_(pid), control_(control), errors_(errors) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  /// Kills what still runs; waits for it a fifth of a second at most.
  virtual ~Child();

  /// SIGKILL to the whole process group.
  virtual void kill_group();
  /// The wait status once the process is gone; never blocks.
  [[nodiscard]] virtual std::optional<int> reap();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int control() const { return control_; }
  [[nodiscard]] int errors() const { return errors_; }

 private:
  pid_t pid_;
  int control_, errors_;
  std::optional<int> status_;
};

/// Starts `command`, fd 3 being its end of the socketpair. An Error names the failing call; a
/// command that cannot be executed ends with code 127 and says why on its stderr.
[[nodiscard]] Expected<std::unique_ptr<Child>> spawn(const std::vector<std::string>& command);
using Spawn = std::function<Expected<std::unique_ptr<Child>>(const std::vector<std::string>&)>;

/// This program again, as a worker.
[[nodiscard]] std::vector<std::string> default_worker_command();
[[nodiscard]] std::vector<std::string> with_words(std::vector<std::string> command,
                                                  const std::vector<std::string>& words);

/// "exit code 3", "ended by signal 11 (SIGSEGV)".
[[nodiscard]] std::string describe_exit(int status);

/// Processes that the kernel's out-of-memory killer has ended, here or in this control group.
[[nodiscard]] std::uint64_t oom_kills();

}  // namespace rackproof
