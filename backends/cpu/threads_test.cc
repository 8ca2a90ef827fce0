// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/threads.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <set>
#include <stdexcept>

namespace rackproof::cpu {
namespace {

std::shared_ptr<const Topology> machine() { return Topology::load("").value(); }

TEST(Threads, RunEveryCoreOnItsOwnPu) {
  const auto topology = machine();
  const std::vector<unsigned> pus = topology->nodes().at(0).pus;
  Threads threads(topology, pus);
  std::vector<int> seen(pus.size(), -1);
  threads.run([&](unsigned core) { seen[core] = sched_getcpu(); });
  for (std::size_t i = 0; i < pus.size(); ++i) EXPECT_EQ(seen[i], static_cast<int>(pus[i]));
}

TEST(Threads, CarryAnExceptionBackAndGoOn) {
  const auto topology = machine();
  const unsigned pu = topology->nodes().at(0).pus[0];
  Threads threads(topology, {pu, pu, pu});
  EXPECT_THROW(threads.run([](unsigned core) {
    if (core == 1) throw std::runtime_error("core 1");
  }),
               std::runtime_error);
  std::atomic<int> ran{0};
  threads.run([&](unsigned) { ++ran; });
  EXPECT_EQ(ran, 3);
}

TEST(Threads, TakeTurnsForSeveralCallers) {
  const auto topology = machine();
  const unsigned pu = topology->nodes().at(0).pus[0];
  Threads threads(topology, {pu, pu});
  std::atomic<int> inside{0}, most{0};
  const auto caller = [&] {
    for (int i = 0; i < 200; ++i) {
      threads.run([&](unsigned) {
        most = std::max<int>(most, ++inside);
        --inside;
      });
    }
  };
  std::thread other(caller);
  caller();
  other.join();
  EXPECT_LE(most, 2);
}

TEST(Threads, RefuseAPuThatIsNotThere) {
  try {
    Threads threads(machine(), {4000});
    FAIL() << "pinned to PU 4000";
  } catch (const DeviceError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("cannot pin a thread to PU 4000: "))
        << error.what();
  }
}

TEST(Threads, RefuseWorkThatRanOnAnotherPu) {
  const auto topology = machine();
  const std::vector<unsigned> pus = topology->nodes().at(0).pus;
  if (pus.size() < 2) GTEST_SKIP() << "one PU only";
  Threads threads(topology, {pus[0]});
  cpu_set_t other;
  CPU_ZERO(&other);
  CPU_SET(pus[1], &other);
  try {
    threads.run([&](unsigned) { sched_setaffinity(0, sizeof other, &other); });
    FAIL() << "work on a moved thread was taken for work on its core";
  } catch (const DeviceError& error) {
    EXPECT_EQ(std::string(error.what()), "core 0 is PU " + std::to_string(pus[0]) +
                                             ", but its work ran on PU " + std::to_string(pus[1]) +
                                             ": was PU " + std::to_string(pus[0]) +
                                             " taken offline?");
  }
}

TEST(Share, CoversEverythingOnce) {
  for (const std::uint64_t count : {0, 1, 7, 8, 100}) {
    std::uint64_t next = 0;
    for (std::uint64_t i = 0; i < 8; ++i) {
      EXPECT_EQ(share(count, i, 8).first, next);
      next = share(count, i, 8).last;
    }
    EXPECT_EQ(next, count);
  }
}

}  // namespace
}  // namespace rackproof::cpu
