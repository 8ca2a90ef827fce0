// SPDX-License-Identifier: Apache-2.0
// What only one run may have at a time: a bundle's folder, a journal, this host's devices.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "core/error.h"

namespace rackproof {

/// An advisory lock (flock) on a file or folder; ends with the object or the process.
class Lock {
 public:
  /// Refuses with `taken` and, where the kernel tells it, the process that holds the lock.
  [[nodiscard]] static Expected<Lock> take(const std::filesystem::path& path,
                                           const std::string& taken);
  Lock(Lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Lock& operator=(Lock&&) = delete;
  ~Lock();

 private:
  explicit Lock(int fd) : fd_(fd) {}
  int fd_;
};

/// Two runs on the same devices spoil each other's measurements. The file is rackproof.lock in
/// `folder`; empty: in $RACKPROOF_LOCK_DIR, else /run/lock, else the folder for temporary files.
[[nodiscard]] Expected<Lock> lock_host(std::filesystem::path folder = {});

}  // namespace rackproof
