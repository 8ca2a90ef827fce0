// SPDX-License-Identifier: Apache-2.0
#include "runner/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace rackproof {
namespace {

Error system_error(const char* what, const std::filesystem::path& path) {
  return Error{fmt::format("{}: {}", what, std::strerror(errno)), path.string()};
}

// The process that /proc/locks names for this file, as in
// "1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF"; 0: none, or in another PID namespace.
long holder(int fd) {
  struct stat file {};
  if (::fstat(fd, &file) != 0) return 0;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, sort, mode, place;
    long pid = 0;
    const bool whole = static_cast<bool>(words >> number >> kind >> sort >> mode >> pid >> place);
    if (whole && kind == "FLOCK" && place.ends_with(fmt::format(":{}", file.st_ino))) return pid;
  }
  return 0;
}

std::filesystem::path lock_folder() {
  const char* wanted = std::getenv("RACKPROOF_LOCK_DIR");
  if (wanted != nullptr && *wanted != '\0') return wanted;
  const std::filesystem::path usual = "/run/lock";  // one for all users
  std::error_code none;
  return ::access(usual.c_str(), W_OK) == 0 ? usual : std::filesystem::temp_directory_path(none);
}

// Another user's file in a sticky folder must be opened without O_CREAT (fs.protected_regular).
Expected<void> make_lock_file(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0 && errno == EEXIST) return {};
  if (fd < 0)
    return tl::unexpected(system_error("cannot make the lock; set RACKPROOF_LOCK_DIR", path));
  (void)::fchmod(fd, 0644);  // whatever the umask: other users must be able to see it
  ::close(fd);
  return {};
}

}  // namespace

Expected<Lock> Lock::take(const std::filesystem::path& path, const std::string& taken) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return tl::unexpected(system_error("cannot open", path));
  Lock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return tl::unexpected(system_error("cannot lock", path));
  const long pid = holder(fd);
  return tl::unexpected(
      Error{taken + (pid > 0 ? fmt::format(" (process {})", pid) : ""), path.string()});
}

Lock::~Lock() {
  if (fd_ >= 0) ::close(fd_);
}

Expected<Lock> lock_host(std::filesystem::path folder) {
  const auto path = (folder.empty() ? lock_folder() : std::move(folder)) / "rackproof.lock";
  if (auto made = make_lock_file(path); !made) return tl::unexpected(made.error());
  return Lock::take(path, "another run is measuring on this host; wait for its end");
}

}  // namespace rackproof
