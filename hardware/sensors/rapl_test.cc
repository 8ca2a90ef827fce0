// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <thread>

#include "hardware/sensors/energy_meter.h"
#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;

void add_zone(const TestFolder& tree, const std::string& zone, const std::string& name,
              const std::string& energy_uj) {
  const std::string folder = "sys/class/powercap/" + zone + "/";
  tree.file(folder + "name", name + "\n");
  tree.file(folder + "energy_uj", energy_uj + "\n");
  tree.file(folder + "max_energy_range_uj", "1000000000\n");
}

void pause() {
  std::this_thread::sleep_for(std::chrono::duration<double>(2 * EnergyMeter::kLeastGap_s));
}

TEST(Rapl, NamesZonesByTheirPlace) {
  const TestFolder tree;
  add_zone(tree, "intel-rapl:0", "package-0", "5000000");
  add_zone(tree, "intel-rapl:0:0", "dram", "1000000");
  add_zone(tree, "intel-rapl:1", "package-1", "6000000");
  add_zone(tree, "intel-rapl:1:0", "dram", "2000000");
  tree.file("sys/class/powercap/intel-rapl/enabled", "1\n");
  tree.file("sys/class/powercap/dtpm/enabled", "1\n");
  const auto readings = source("rapl", tree.path())->read();
  EXPECT_EQ(readings.size(), 8u);
  expect_value(readings, "rapl.package-0.energy", Unit::joule, 5);
  expect_value(readings, "rapl.package-0.dram.energy", Unit::joule, 1);
  expect_value(readings, "rapl.package-1.dram.energy", Unit::joule, 2);
  EXPECT_TRUE(find(readings, "rapl.package-1.energy").value_or(Reading{}).counter);
}

TEST(Rapl, ZonesOfOneNameStayApart) {
  const TestFolder tree;
  add_zone(tree, "intel-rapl:0", "package-0", "5000000");
  add_zone(tree, "intel-rapl:1", "package-0", "6000000");
  add_zone(tree, "intel-rapl-mmio:0", "package-0", "7000000");
  const auto readings = source("rapl", tree.path())->read();
  expect_value(readings, "rapl.package-0.energy", Unit::joule, 5);
  expect_value(readings, "rapl.package-0@intel-rapl:1.energy", Unit::joule, 6);
  expect_value(readings, "rapl.intel-rapl-mmio.package-0.energy", Unit::joule, 7);
}

TEST(Rapl, PowerNeedsTwoReadings) {
  const TestFolder tree;
  add_zone(tree, "intel-rapl:0", "package-0", "5000000");
  const auto rapl = source("rapl", tree.path());
  const auto start = std::chrono::steady_clock::now();
  expect_no_value(rapl->read(), "rapl.package-0.power", State::unsupported, "two readings");
  pause();
  add_zone(tree, "intel-rapl:0", "package-0", "7000000");
  const auto power = find(rapl->read(), "rapl.package-0.power").value_or(Reading{});
  const std::chrono::duration<double> at_most = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(power.unit, Unit::watt);
  EXPECT_FALSE(power.counter);
  EXPECT_GE(power.value, 2 / at_most.count());
  EXPECT_LE(power.value, 2 / EnergyMeter::kLeastGap_s);
}

TEST(Rapl, EnergyGoesOnBeyondTheWrap) {
  const TestFolder tree;
  add_zone(tree, "intel-rapl:0", "package-0", "999000000");
  const auto rapl = source("rapl", tree.path());
  (void)rapl->read();
  pause();
  add_zone(tree, "intel-rapl:0", "package-0", "1000000");
  expect_value(rapl->read(), "rapl.package-0.energy", Unit::joule, 1001);
}

TEST(Rapl, PowerFailsAndComesBackWithItsEnergy) {
  const TestFolder tree;
  add_zone(tree, "intel-rapl:0", "package-0", "1000000");
  const auto rapl = source("rapl", tree.path());
  (void)rapl->read();
  tree.file("sys/class/powercap/intel-rapl:0/energy_uj", "-1\n");
  expect_no_value(rapl->read(), "rapl.package-0.power", State::error, "impossible");
  pause();
  add_zone(tree, "intel-rapl:0", "package-0", "2000000");
  EXPECT_EQ(find(rapl->read(), "rapl.package-0.power").value_or(Reading{}).state, State::value);
}

TEST(Rapl, AZoneThatVanishesTakesItsPowerAlongAsAnError) {
  const TestFolder tree;
  add_zone(tree, "intel-rapl:0", "package-0", "1000000");
  const auto rapl = source("rapl", tree.path());
  (void)rapl->read();
  pause();
  (void)rapl->read();
  tree.remove("sys/class/powercap/intel-rapl:0");
  const auto readings = rapl->read();
  EXPECT_EQ(find(readings, "rapl.package-0.energy").value_or(Reading{}).state, State::error);
  EXPECT_EQ(find(readings, "rapl.package-0.power").value_or(Reading{}).state, State::error);
}

}  // namespace
}  // namespace rackproof
