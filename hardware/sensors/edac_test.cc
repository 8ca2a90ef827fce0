// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;
constexpr const char* kController = "sys/devices/system/edac/mc/mc0/";

TEST(Edac, CountsForTheControllerAndEachDimm) {
  const TestFolder tree;
  const std::string controller = kController;
  tree.file(controller + "mc_name", "skx_edac\n");
  for (const char* file : {"ce_count", "ue_count", "ce_noinfo_count", "ue_noinfo_count"}) {
    tree.file(controller + file, "0\n");
  }
  tree.file(controller + "ce_count", "17\n");
  tree.file(controller + "dimm3/dimm_ce_count", "17\n");
  tree.file(controller + "dimm3/dimm_ue_count", "2\n");
  tree.file(controller + "dimm3/dimm_label", "CPU_SrcID#0_MC#0_Chan#1_DIMM#1\n");
  tree.file(controller + "dimm3/dimm_location", "channel 1 slot 1 \n");
  const auto readings = source("edac", tree.path())->read();
  EXPECT_EQ(readings.size(), 6u);
  expect_counter(readings, "edac.mc0.ce", 17);
  expect_counter(readings, "edac.mc0.ue_noinfo", 0);
  expect_counter(readings, "edac.mc0.dimm3.ce", 17);
  expect_counter(readings, "edac.mc0.dimm3.ue", 2);
  EXPECT_EQ(find(readings, "edac.mc0.dimm3.ue").value_or(Reading{}).detail,
            "CPU_SrcID#0_MC#0_Chan#1_DIMM#1, channel 1 slot 1");
}

TEST(Edac, RanksCountToo) {
  const TestFolder tree;
  tree.file(kController + std::string("rank7/dimm_ue_count"), "1\n");
  tree.file("sys/devices/system/edac/mc/power/control", "auto\n");
  expect_counter(source("edac", tree.path())->read(), "edac.mc0.rank7.ue", 1);
}

TEST(Edac, ANegativeOrUnreadableCountIsAnError) {
  const TestFolder tree;
  tree.file(kController + std::string("ce_count"), "-1\n");
  tree.link(kController + std::string("ue_count"), "/proc/self/mem");
  const auto readings = source("edac", tree.path())->read();
  expect_no_value(readings, "edac.mc0.ce", State::error, "'-1' is physically impossible");
  expect_no_value(readings, "edac.mc0.ue", State::error, "Input/output error");
}

TEST(Edac, ADimmThatVanishesIsAnError) {
  const TestFolder tree;
  tree.file(kController + std::string("dimm0/dimm_ue_count"), "0\n");
  tree.file(kController + std::string("dimm1/dimm_ue_count"), "0\n");
  const auto edac = source("edac", tree.path());
  (void)edac->read();
  tree.remove(kController + std::string("dimm1"));
  for (int round = 0; round < 3; ++round) {
    const auto readings = edac->read();
    expect_counter(readings, "edac.mc0.dimm0.ue", 0);
    EXPECT_EQ(find(readings, "edac.mc0.dimm1.ue").value_or(Reading{}).state, State::error);
  }
}

}  // namespace
}  // namespace rackproof
