// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/description.h"

#include <gtest/gtest.h>

#include <csignal>

namespace rackproof {
namespace {

std::vector<SyntheticDescription> parsed(std::string_view text) {
  const auto devices = parse_synthetic(text, "a.rack");
  EXPECT_TRUE(devices) << (devices ? "" : devices.error().text());
  return devices.value_or(std::vector<SyntheticDescription>{});
}

TEST(SyntheticDescription, NumbersDevicesNodeByNode) {
  const auto devices = parsed("# a rack\n\nrack nodes=2 devices=3 memory=256MiB  # six\n");
  ASSERT_EQ(devices.size(), 6U);
  EXPECT_EQ(devices[4].id(), "n1-d1");
  EXPECT_EQ(devices[4].serial, 4U);
  EXPECT_EQ(devices[4].memory_bytes, 256U << 20);
}

TEST(SyntheticDescription, ReadsEveryQuantityInItsUnit) {
  const auto d =
      parsed("rack cores=8 bandwidth=1GB/s host_link=2GB/s int8=3TOP/s fp16=4GFLOP/s spread=1%")[0];
  EXPECT_EQ(d.cores, 8U);
  EXPECT_EQ(d.bandwidth, 1e9);
  EXPECT_EQ(d.host_link, 2e9);
  EXPECT_EQ(d.gemm.at(DType::i8), 3e12);
  EXPECT_EQ(d.gemm.at(DType::fp16), 4e9);
  EXPECT_DOUBLE_EQ(d.spread, 0.01);
}

TEST(SyntheticDescription, KnowsWhatIsWrongWithLinks) {
  const auto devices = parsed(
      "rack devices=4 peer_link=90GB/s; n0-d1 link_slow=d3:50% link_wrong=d2 link_hang=d3 every=3");
  EXPECT_EQ(devices[0].peer_link, 90e9);
  EXPECT_TRUE(devices[0].links.empty());
  ASSERT_EQ(devices[1].links.size(), 2U);
  EXPECT_EQ(devices[1].links.at(3).slow, 0.5);
  EXPECT_TRUE(devices[1].links.at(3).hang);
  EXPECT_FALSE(devices[1].links.at(3).wrong);
  EXPECT_TRUE(devices[1].links.at(2).wrong);
}

TEST(SyntheticDescription, GivesQuirksToTheNamedDeviceOnly) {
  const auto devices = parsed(
      "rack devices=3; n0-d1 wrong=core:5 every=7 after=2 slow=20%; n0-d2 absent memory=1MiB\n"
      "n0-d0 lies=count silent late=2s hot=95degC unsupported=fp64");
  ASSERT_EQ(devices.size(), 3U);
  EXPECT_EQ(devices[0].lie, Lie::count);
  EXPECT_TRUE(devices[0].silent);
  EXPECT_EQ(devices[0].late_s, 2);
  EXPECT_EQ(devices[0].hot_celsius, 95);
  EXPECT_EQ(devices[0].unsupported, "fp64");
  EXPECT_EQ(devices[1].wrong, Wrong::core);
  EXPECT_EQ(devices[1].wrong_core, 5U);
  EXPECT_EQ(devices[1].every, 7U);
  EXPECT_EQ(devices[1].after, 2U);
  EXPECT_DOUBLE_EQ(devices[1].slow, 0.2);
  EXPECT_TRUE(devices[2].absent);
  EXPECT_EQ(devices[2].memory_bytes, 1U << 20);
  EXPECT_EQ(devices[2].wrong, Wrong::nothing);
}

TEST(SyntheticDescription, MapsStressorsToTheirWork) {
  const auto devices = parsed("rack devices=2; n0-d0 hang=compute.gemm; n0-d1 error=memory.march");
  EXPECT_EQ(devices[0].hang, "gemm");
  EXPECT_EQ(devices[1].error, "sweep");
}

TEST(SyntheticDescription, TakesSignalsByNameAndNumber) {
  const auto devices =
      parsed("rack devices=3; n0-d0 crash=SIGSEGV; n0-d1 crash=KILL; n0-d2 crash=6");
  EXPECT_EQ(devices[0].crash_signal, SIGSEGV);
  EXPECT_EQ(devices[1].crash_signal, SIGKILL);
  EXPECT_EQ(devices[2].crash_signal, SIGABRT);
}

TEST(SyntheticDescription, DescribesNoDevicesWithoutALine) {
  EXPECT_TRUE(parsed("").empty());
  EXPECT_TRUE(parsed("# nothing\n\n ; \n").empty());
}

struct Mistake {
  const char* text;
  const char* message;
};
const std::vector<Mistake> kMistakes{
    {"rak nodes=1", "a.rack:1:1: expected 'rack nodes=N devices=N ...' first, found 'rak'"},
    {"rack nodes=0", "a.rack:1:12: nodes: '0' is not a whole number from 1 to 1024"},
    {"rack\n  device=2", "a.rack:2:3: 'device=2' names no device; expected one such as 'n0-d3'"},
    {"rack devces=2", "a.rack:1:6: unknown key 'devces'; did you mean 'devices'?"},
    {"rack slow=5%", "a.rack:1:6: 'slow' belongs to one device: 'n0-d0 slow=5%'"},
    {"rack memory=256",
     "a.rack:1:13: memory: '256' lacks its unit: expected byte, for example '64 MiB'"},
    {"rack memory=100B",
     "a.rack:1:13: memory: memory '100B' must be 4 KiB ... 16 TiB and a multiple of 64 B"},
    {"rack int8=1TFLOP/s",
     "a.rack:1:11: int8: '1TFLOP/s' is in flops, expected ops, for example '1979 TOP/s'"},
    {"rack cores=4 cores=4", "a.rack:1:14: 'rack cores' is given twice"},
    {"rack\nrack", "a.rack:2:1: a second 'rack' line"},
    {"rack nodes=2 devices=2\n\nn2-d0 absent",
     "a.rack:3:1: there is no n2-d0: nodes are n0 ... n1, devices d0 ... d1"},
    {"rack; n0-d0", "a.rack:1:7: 'n0-d0' says nothing about it"},
    {"rack\nn0-d0 wrong=reslt",
     "a.rack:2:13: wrong: unknown kind of wrong 'reslt'; did you mean 'result'?"},
    {"rack\nn0-d0 lies=all", "a.rack:2:12: lies: unknown lie 'all'; one of size, rate, count"},
    {"rack\nn0-d0 evry=1", "a.rack:2:7: unknown key 'evry'; did you mean 'every'?"},
    {"rack\nn0-d0 slow=100%", "a.rack:2:12: slow: '100%' is out of range (0 % ... 99 %)"},
    {"rack\nn0-d0 absent=yes", "a.rack:2:14: absent: 'absent' takes no value"},
    {"rack\nn0-d0 hang=compute.gem",
     "a.rack:2:12: hang: unknown work 'compute.gem'; did you mean 'compute.gemm'?"},
    {"rack\nn0-d0 crash=SEGVV", "a.rack:2:13: crash: unknown signal 'SEGVV'; did you mean 'SEGV'?"},
    {"rack\nn0-d0 late=2",
     "a.rack:2:12: late: '2' lacks its unit: expected second, for example '60 s'"},
    {"rack\nn0-d0 unsupported=fp65",
     "a.rack:2:19: unsupported: unknown work or data type 'fp65'; did you mean 'fp64'?"},
    {"rack cores=4\nn0-d0 wrong=core:4", "a.rack:2:1: n0-d0 has no core 4: 0 ... 3"},
    {"rack\nn0-d0 slow=5% every=3",
     "a.rack:2:1: n0-d0: 'every' needs wrong=, link_wrong= or late="},
    {"rack\nn0-d0 slow=5% after=3",
     "a.rack:2:1: n0-d0: 'after' needs wrong=, late=, hang=, error=, crash=, "
     "link_wrong= or link_hang="},
    {"rack devices=2\nn0-d0 link_wrong=d0", "a.rack:2:1: n0-d0: no link from d0 of its node"},
    {"rack devices=2\nn0-d0 link_hang=d2", "a.rack:2:1: n0-d0: no link from d2 of its node"},
    {"rack devices=2\nn0-d0 link_hang=1",
     "a.rack:2:17: link_hang: '1' names no device of the node; expected one such as 'd3'"},
    {"rack devices=2\nn0-d0 link_wrong=d1:5%",
     "a.rack:2:18: link_wrong: 'd1:5%' takes a device alone"},
    {"rack numa_nodes=2\nn0-d0 numa_node=2",
     "a.rack:2:1: n0-d0 has no NUMA node 2: its host has 'numa_nodes=2'"},
    {"rack numa_nodes=2\nn0-d0 far_slow=20%",
     "a.rack:2:1: n0-d0: 'far_slow' needs numa_nodes=2 and a numa_node="},
    {"rack devices=2\nn0-d0 link_slow=d1:100%",
     "a.rack:2:17: link_slow: '100%' is out of range (0 % ... 99 %)"},
    {"rack\nn0-d0 wrong",
     "a.rack:2:7: wrong: unknown kind of wrong ''; one of result, stuck, memory, "
     "transfer, core:0"}};

TEST(SyntheticDescription, RefusesMistakesWithTheirPlaceAndWhatWouldBeRight) {
  for (const Mistake& mistake : kMistakes) {
    const auto devices = parse_synthetic(mistake.text, "a.rack");
    ASSERT_FALSE(devices) << mistake.text;
    EXPECT_EQ(devices.error().text(), mistake.message);
  }
}

}  // namespace
}  // namespace rackproof
