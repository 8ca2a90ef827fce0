// SPDX-License-Identifier: Apache-2.0
#include "runner/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include "runner/message.h"

namespace rackproof {
namespace {

// Both ends, closed with the object unless released.
class Pair {
 public:
  ~Pair() {
    for (const int fd : ends) {
      if (fd >= 0) ::close(fd);
    }
  }
  int release(int which) { return std::exchange(ends[which], -1); }
  int ends[2] = {-1, -1};
};

void set_nonblocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

// Between fork and exec: async-signal-safe calls only, since the parent has threads.
void default_signals() {
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &plain, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void give_up(const char* what) {
  const char* why = strerrordesc_np(errno);
  for (const char* part : {what, ": ", why != nullptr ? why : "unknown error"}) {
    if (::write(STDERR_FILENO, part, std::strlen(part)) < 0) break;
  }
  ::_exit(127);
}

[[noreturn]] void become(const char* const* argv, int control, int errors, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::setpgid(0, 0);
  default_signals();
  const int null = ::open("/dev/null", O_RDWR);
  // Out of the way first: any of these numbers may be one of those they are moved to.
  const int from = ::fcntl(control, F_DUPFD, 16), err = ::fcntl(errors, F_DUPFD, 16);
  const int nowhere = ::fcntl(null, F_DUPFD, 16);
  if (from < 0 || err < 0 || nowhere < 0) give_up("cannot duplicate file descriptors");
  ::dup2(nowhere, STDIN_FILENO);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::dup2(from, kWorkerFd);
  if (::close_range(kWorkerFd + 1, ~0U, 0) != 0) {
    for (int fd = kWorkerFd + 1; fd < 1024; ++fd) ::close(fd);
  }
  ::execv(argv[0], const_cast<char* const*>(argv));
  give_up("cannot execute the worker");
}

std::uint64_t counter_in(const char* path, const std::string& wanted) {
  std::ifstream file(path);
  std::string key;
  for (std::uint64_t value = 0; file >> key >> value;) {
    if (key == wanted) return value;
  }
  return 0;
}

std::string failed(const char* what) { return fmt::format("{}: {}", what, std::strerror(errno)); }

}  // namespace

Child::~Child() {
  for (int i = 0; i < 20 && !Child::reap(); ++i) {
    Child::kill_group();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ::close(control_);
  ::close(errors_);
}

void Child::kill_group() {
  if (status_) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);  // it may not have reached its setpgid yet
}

std::optional<int> Child::reap() {
  if (status_) return status_;
  siginfo_t gone{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &gone, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      gone.si_pid != pid_) {
    return std::nullopt;
  }
  ::kill(-pid_, SIGKILL);  // what it may have started itself, while its id is still its own
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

Expected<std::unique_ptr<Child>> spawn(const std::vector<std::string>& command) {
  Pair control, errors;
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control.ends) != 0) {
    return fail(failed("cannot make a socket pair"));
  }
  if (::pipe2(errors.ends, O_CLOEXEC) != 0) return fail(failed("cannot make a pipe"));
  std::vector<const char*> argv;
  for (const std::string& word : command) argv.push_back(word.c_str());
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail(failed("cannot start a process"));
  if (pid == 0) become(argv.data(), control.ends[1], errors.ends[1], parent);
  ::setpgid(pid, pid);
  set_nonblocking(control.ends[0]);
  set_nonblocking(errors.ends[0]);
  return std::make_unique<Child>(pid, control.release(0), errors.release(0));
}

std::vector<std::string> default_worker_command() { return {"/proc/self/exe", "worker"}; }

std::vector<std::string> with_words(std::vector<std::string> command,
                                    const std::vector<std::string>& words) {
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

std::string describe_exit(int status) {
  if (WIFEXITED(status)) return fmt::format("exit code {}", WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  const char* name = sigabbrev_np(signal);
  const std::string text =
      name != nullptr ? std::string(name) : fmt::format("RTMIN+{}", signal - SIGRTMIN);
  return fmt::format("ended by signal {} (SIG{})", signal, text);
}

std::uint64_t oom_kills() {
  return counter_in("/proc/vmstat", "oom_kill") +
         counter_in("/sys/fs/cgroup/memory.events", "oom_kill");
}

}  // namespace rackproof
