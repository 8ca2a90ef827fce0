// SPDX-License-Identifier: Apache-2.0
#include "runner/process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "runner/link.h"

namespace rackproof {
namespace {

using ::testing::HasSubstr;

// Runs a shell command as a worker to its end; what it said on stderr.
std::string told(const std::string& script) {
  auto child = spawn({"/bin/sh", "-c", script});
  EXPECT_TRUE(child.has_value());
  Link link(*std::move(child));
  while (!link.exit_status()) {
    link.pump([](const Json&) {});
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return describe_exit(*link.exit_status()) + link.stderr_note();
}

TEST(Spawn, GivesAWorkerNothingButItsSocket) {
  const int null = ::open("/dev/null", O_RDONLY);
  const int leak = ::fcntl(null, F_DUPFD, 100);  // not close-on-exec on purpose
  const std::string script = "for fd in 3 4 5 6 7 8 " + std::to_string(leak) +
                             "; do test -e /proc/$$/fd/$fd && echo has $fd >&2; done; true";
  EXPECT_EQ(told(script), "exit code 0; stderr: has 3");
  ::close(leak);
  ::close(null);
}

TEST(Spawn, GivesAWorkerDefaultSignals) {
  const auto before = std::signal(SIGTERM, SIG_IGN);
  EXPECT_EQ(told("kill -TERM $$"), "ended by signal 15 (SIGTERM)");
  std::signal(SIGTERM, before);
}

TEST(Spawn, KeepsTheEndOfALongStderr) {
  const std::string text =
      told("i=0; while [ $i -lt 2000 ]; do echo noise >&2; i=$((i+1)); done; echo END >&2");
  EXPECT_THAT(text, HasSubstr("END"));
  EXPECT_LT(text.size(), 9000u);
}

// A child of a dead worker's own that left its process group and writes on without end.
TEST(Link, EndsAlthoughADeadWorkersChildWritesOn) {
  auto child = spawn({"/bin/sh", "-c", "setsid yes >&3 & sleep 0.3"});
  ASSERT_TRUE(child.has_value());
  Link link(*std::move(child));
  link.ignore();
  while (!link.exit_status()) {
    link.pump([](const Json&) {});
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(describe_exit(*link.exit_status()), "exit code 0");
}  // the writer ends with its socket

TEST(Link, SendsWithoutEverBlocking) {
  auto child = spawn({"/bin/sh", "-c", "sleep 60"});
  ASSERT_TRUE(child.has_value());
  Link link(*std::move(child));
  for (int i = 0; i < 100; ++i) link.send({{"t", std::string(100000, 'x')}});  // nobody reads them
}

// Any process of the group that still runs; a zombie that init has not yet reaped does not.
bool group_runs(pid_t group) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream in(entry.path() / "stat");
    std::string stat;
    if (!std::getline(in, stat)) continue;
    std::istringstream rest(stat.substr(stat.rfind(')') + 1));
    std::string state;
    pid_t parent = 0, its_group = 0;
    if (rest >> state >> parent >> its_group && its_group == group && state != "Z") return true;
  }
  return false;
}

TEST(Child, DiesWithItsGrandchildren) {
  auto child = spawn({"/bin/sh", "-c", "sleep 60 & sleep 60"});
  ASSERT_TRUE(child.has_value());
  const pid_t group = (*child)->pid();
  EXPECT_TRUE(group_runs(group));
  child->reset();
  for (int i = 0; i < 100 && group_runs(group); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_FALSE(group_runs(group));
}

TEST(DescribeExit, NamesRealTimeSignalsToo) {
  EXPECT_EQ(describe_exit(SIGSEGV), "ended by signal 11 (SIGSEGV)");
  EXPECT_EQ(describe_exit(SIGRTMIN + 2), "ended by signal 36 (SIGRTMIN+2)");
  EXPECT_EQ(describe_exit(3 << 8), "exit code 3");
}

}  // namespace
}  // namespace rackproof
