// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;
constexpr const char* kFile = "proc/interrupts";
constexpr const char* kHead = "           CPU0       CPU1       CPU4\n";

TEST(Mce, SumsEachRowOverTheCpus) {
  const TestFolder tree;
  tree.file(kFile, std::string(kHead) +
                       "   0:    42    0    0  IO-APIC   2-edge      timer\n"
                       " TRM:     9    8    7   Thermal event interrupts\n"
                       " THR:     1    2    3   Threshold APIC interrupts\n"
                       " DFR:     0    0    0   Deferred Error APIC interrupts\n"
                       " MCE:     1    0    1   Machine check exceptions\n"
                       " MCP:   600  600  600   Machine check polls\n"
                       " ERR:     0\n");
  const auto readings = source("mce", tree.path())->read();
  EXPECT_EQ(readings.size(), 4u);
  expect_counter(readings, "mce.exceptions", 2);
  expect_counter(readings, "mce.threshold", 6);
  expect_counter(readings, "mce.deferred", 0);
  expect_counter(readings, "mce.thermal", 24);
}

TEST(Mce, ACpuThatGoesOfflineTakesNoCountsAlong) {
  const TestFolder tree;
  tree.file(kFile, std::string(kHead) + "MCE: 1 0 2   Machine check exceptions\n");
  const auto mce = source("mce", tree.path());
  expect_counter(mce->read(), "mce.exceptions", 3);
  tree.file(kFile, "           CPU0       CPU1\nMCE: 1 0   Machine check exceptions\n");
  expect_counter(mce->read(), "mce.exceptions", 3);
  tree.file(kFile, std::string(kHead) + "MCE: 1 1 2   Machine check exceptions\n");
  expect_counter(mce->read(), "mce.exceptions", 4);
}

TEST(Mce, ARowThatIsNotThereIsUnsupported) {
  const TestFolder tree;
  tree.file(kFile, std::string(kHead) + "TRM: 0 0 0   Thermal event interrupts\n");
  const auto readings = source("mce", tree.path())->read();
  expect_counter(readings, "mce.thermal", 0);
  expect_no_value(readings, "mce.exceptions", State::unsupported, "has no row MCE:");
}

TEST(Mce, AMachineWithoutSuchRowsIsUnsupported) {
  const TestFolder tree;
  tree.file(kFile, "      CPU0\nIPI0:  1  Rescheduling interrupts\n");
  expect_no_value(source("mce", tree.path())->read(), "mce", State::unsupported, "no rows");
}

TEST(Mce, ARowWithTooFewCountsIsAnError) {
  for (const char* row : {"MCE: 1 0\n", "MCE: 1 0 x\n", "MCE: 1 0 -1 Machine\n", "MCE:\n",
                          "MCE: 1 0 99999999999999999999 Machine\n"}) {
    const TestFolder tree;
    tree.file(kFile, std::string(kHead) + row);
    expect_no_value(source("mce", tree.path())->read(), "mce.exceptions", State::error,
                    "row MCE: is not one count a CPU");
  }
}

TEST(Mce, AHeadWithoutCpusIsAnError) {
  const TestFolder tree;
  tree.file(kFile, "  CPU0 CPU99999999\nMCE: 1 2 Machine check exceptions\n");
  expect_no_value(source("mce", tree.path())->read(), "mce.exceptions", State::error, "row MCE:");
}

TEST(Mce, FindsItsRowsBehindMegabytesOfOthers) {
  const TestFolder tree;
  std::string text = kHead;
  for (int i = 0; i < 50000; ++i) text += std::to_string(i) + ": 1 2 3 PCI-MSI nvme\n";
  tree.file(kFile, text + " MCE: 1 0 1   Machine check exceptions\n");
  expect_counter(source("mce", tree.path())->read(), "mce.exceptions", 2);
}

TEST(Mce, ALineWithoutAnEndIsAnError) {
  const TestFolder tree;
  tree.file(kFile, std::string(kHead) + std::string(200000, ' '));
  expect_no_value(source("mce", tree.path())->read(), "mce", State::error,
                  "a line is longer than 65536 bytes");
}

TEST(Mce, TheLastLineNeedsNoEnd) {
  const TestFolder tree;
  tree.file(kFile, std::string(kHead) + "MCE: 1 0 1");
  expect_counter(source("mce", tree.path())->read(), "mce.exceptions", 2);
}

}  // namespace
}  // namespace rackproof
