// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/counter_table.h"

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// One of everything that any source counts.
void add_whole_machine(const TestFolder& tree) {
  for (const char* file : {"ce_count", "ue_count", "ce_noinfo_count", "ue_noinfo_count",
                           "dimm0/dimm_ce_count", "dimm0/dimm_ue_count"}) {
    tree.file(std::string("sys/devices/system/edac/mc/mc0/") + file, "0\n");
  }
  tree.file("proc/meminfo", "HardwareCorrupted:     0 kB\n");
  tree.file("proc/vmstat", "nr_free_pages 5\noom_kill 0\n");
  tree.file("proc/interrupts", "  CPU0\nMCE: 0 a\nTHR: 0 b\nDFR: 0 c\nTRM: 0 d\n");
  const std::string cpu = "sys/devices/system/cpu/cpu0/";
  tree.file(cpu + "topology/physical_package_id", "0\n");
  for (const char* file :
       {"core_throttle_count", "core_throttle_total_time_ms", "package_throttle_count",
        "package_throttle_total_time_ms", "package_power_limit_count"}) {
    tree.file(cpu + "thermal_throttle/" + file, "0\n");
  }
  const std::string device = "sys/bus/pci/devices/0000:1b:00.0/";
  tree.file(device + "aer_dev_correctable", "TOTAL_ERR_COR 0\n");
  tree.file(device + "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL 0\n");
  tree.file(device + "aer_dev_fatal", "TOTAL_ERR_FATAL 0\n");
  for (const char* kind : {"cor", "nonfatal", "fatal"}) {
    tree.file(device + "aer_rootport_total_err_" + kind, "0\n");
  }
  tree.link("sys/class/net/eth0/device", "../../../0000:1b:00.0");
  tree.file("sys/class/net/eth0/carrier_changes", "0\n");
  for (const char* file :
       {"rx_errors", "rx_crc_errors", "rx_frame_errors", "rx_length_errors", "rx_over_errors",
        "rx_fifo_errors", "rx_missed_errors", "tx_errors", "tx_aborted_errors", "tx_carrier_errors",
        "tx_fifo_errors", "tx_heartbeat_errors"}) {
    tree.file(std::string("sys/class/net/eth0/statistics/") + file, "0\n");
  }
  for (const char* file :
       {"symbol_error", "link_error_recovery", "link_downed", "port_rcv_errors",
        "port_rcv_remote_physical_errors", "port_rcv_switch_relay_errors", "port_xmit_discards",
        "port_xmit_constraint_errors", "port_rcv_constraint_errors", "local_link_integrity_errors",
        "excessive_buffer_overrun_errors", "VL15_dropped"}) {
    tree.file(std::string("sys/class/infiniband/mlx5_0/ports/1/counters/") + file, "0\n");
  }
  tree.file("sys/block/sda/device/ioerr_cnt", "0x0\n");
  tree.file("sys/block/sda/device/iotmo_cnt", "0x0\n");
  tree.file("sys/block/md0/md/mismatch_cnt", "0\n");
  tree.file("sys/block/md0/md/rd0/errors", "0\n");
  tree.file("sys/class/powercap/intel-rapl:0/name", "package-0\n");
  tree.file("sys/class/powercap/intel-rapl:0/energy_uj", "0\n");
  tree.file("sys/class/hwmon/hwmon0/energy1_input", "0\n");
}

std::set<std::string> counters_of_whole_machine() {
  const TestFolder tree;
  add_whole_machine(tree);
  std::set<std::string> counters;
  for (const auto& one : open_sensors(tree.path())) {
    for (const Reading& reading : one->read()) {
      if (reading.counter && reading.state == Reading::State::value) {
        counters.insert(reading.sensor);
      }
    }
  }
  return counters;
}

const CounterRule* rule_for(const std::string& sensor) {
  for (const CounterRule& rule : counter_table()) {
    if (stars_of(rule.sensor, sensor)) return &rule;
  }
  return nullptr;
}

TEST(CounterTable, KnowsEveryCounterThatTheSourcesMakeAndNoOther) {
  std::set<std::string> used;
  for (const std::string& counter : counters_of_whole_machine()) {
    const CounterRule* rule = rule_for(counter);
    ASSERT_NE(rule, nullptr) << counter << " has no entry in counters.yaml";
    used.insert(rule->sensor);
    EXPECT_THAT(class_of_counter(counter).part, testing::Not(HasSubstr("{"))) << counter;
  }
  for (const CounterRule& rule : counter_table()) {
    if (rule.sensor.starts_with("nvml.")) continue;  // a build without NVML makes none of them
    EXPECT_TRUE(used.count(rule.sensor))
        << "counters.yaml:" << rule.line << ": no source makes a counter for " << rule.sensor;
  }
}

TEST(CounterTable, SaysWhatARiseMeansAndOfWhichPart) {
  struct Case {
    const char *sensor, *cause, *severity, *part;
  };
  for (const Case& c :
       {Case{"edac.mc0.dimm3.ue", "memory.uncorrected", "fatal", "mc0 dimm3"},
        Case{"edac.mc1.ue", "memory.uncorrected", "fatal", "mc1"},
        Case{"edac.mc0.rank2.ce", "memory.corrected", "warning", "mc0 rank2"},
        Case{"mce.exceptions", "cpu.machine_check", "fatal", "cpu"},
        Case{"pcie.0000:1b:00.0.aer.fatal", "pcie.fatal", "fatal", "0000:1b:00.0"},
        Case{"pcie.0000:1b:00.0.aer.nonfatal", "pcie.uncorrected", "fatal", "0000:1b:00.0"},
        Case{"pcie.0000:1b:00.0.aer.corrected", "pcie.corrected", "warning", "0000:1b:00.0"},
        Case{"throttle.cpu12.count", "cpu.throttled", "warning", "cpu 12"},
        Case{"nic.eth0.100.rx_crc_errors", "network.crc", "warning", "eth0.100"},
        Case{"ib.mlx5_0.port1.link_downed", "fabric.link_down", "warning", "mlx5_0.port1"},
        Case{"md.md0.rd1.errors", "storage.array_member", "warning", "md0 rd1"},
        Case{"rapl.package-0.dram.energy", "energy", "info", "package-0.dram"}}) {
    const CounterClass told = class_of_counter(c.sensor);
    EXPECT_EQ(told.cause, c.cause) << c.sensor;
    EXPECT_EQ(told.severity, c.severity) << c.sensor;
    EXPECT_EQ(told.part, c.part) << c.sensor;
    EXPECT_THAT(told.next_step, testing::EndsWith(".")) << c.sensor;
  }
}

TEST(CounterTable, AnUnknownCounterIsInfo) {
  for (const std::string& name :
       {std::string("fan.count"), std::string(), "edac." + std::string(100000, '.') + ".ue"}) {
    const CounterClass told = class_of_counter(name);
    EXPECT_EQ(told.cause, "counter");
    EXPECT_EQ(told.severity, "info");
    EXPECT_LE(told.part.size(), 256u);
  }
}

TEST(CounterTable, StarsStandForAsLittleAsPossible) {
  EXPECT_THAT(*stars_of("edac.*.*.ue", "edac.mc0.dimm1.ue"), ElementsAre("mc0", "dimm1"));
  EXPECT_THAT(*stars_of("edac.*.ue", "edac.mc0.dimm1.ue"), ElementsAre("mc0.dimm1"));
  EXPECT_THAT(*stars_of("mce.thermal", "mce.thermal"), ElementsAre());
  EXPECT_FALSE(stars_of("mce.thermal", "mce.thermal2"));
  EXPECT_FALSE(stars_of("edac.*.ue", "edac.mc0.ue_noinfo"));
}

TEST(CounterTable, RefusesMistakesWithTheirPlace) {
  const std::string good =
      "counters:\n  - {sensor: a.*, cause: b, severity: info, part: p, next: n}";
  EXPECT_TRUE(parse_counter_table(good, "t.yaml"));
  const std::map<std::string, std::string> bad{
      {"counters: 5", "t.yaml:1:1: needs a list 'counters'"},
      {"counters:\n  - 5", "t.yaml:2:5: an entry is a map"},
      {"counters:\n  - {sensor: a, cause: b, severity: bad, part: p, next: n}",
       "severity 'bad' is none of info, warning, fatal"},
      {"counters:\n  - {sensor: a, cause: b, severity: info, part: p}", "needs a text 'next'"},
      {"counters:\n  - {sensor: a, cause: b, severity: info, part: p, next: ''}",
       "'next' must be a text"},
      {"counters:\n  - {sensor: a, part: p, part: q}", "'part' twice"},
      {"counters:\n  - {sensr: a}", "t.yaml:2:6: unknown field 'sensr'; known are sensor, cause"},
      {"counters:\n  - {sensor: a.*, cause: b, severity: info, part: '{2}', next: n}",
       "part '{2}' names more than the 1 '*' of 'a.*'"},
      {"counters: [", "t.yaml:"},
  };
  for (const auto& [text, message] : bad) {
    const auto table = parse_counter_table(text, "t.yaml");
    ASSERT_FALSE(table) << text;
    EXPECT_THAT(table.error().text(), HasSubstr(message));
  }
}

// Rows of the reference's tables: | `sensor` | unit | file | severity |.
std::map<std::string, std::string> severities_in_reference() {
  std::map<std::string, std::string> rows;
  std::ifstream file(RACKPROOF_SOURCE_DIR "/docs/reference/sensors.md");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    std::istringstream cells(line.substr(2));
    std::string sensor, unit, from, severity;
    std::getline(std::getline(std::getline(std::getline(cells, sensor, '|'), unit, '|'), from, '|'),
                 severity, '|');
    rows[sensor.substr(1, sensor.rfind('`') - 1)] = severity;
  }
  return rows;
}

TEST(CounterTable, TheReferenceNamesEveryCounterWithItsSeverity) {
  const auto rows = severities_in_reference();
  EXPECT_GT(rows.size(), counter_table().size());
  for (const CounterRule& rule : counter_table()) {
    bool named = false;
    for (const auto& [sensor, severity] : rows) {
      const CounterRule* first = rule_for(sensor);
      if (first == nullptr || first->sensor != rule.sensor) continue;
      named = true;
      EXPECT_THAT(severity, HasSubstr(rule.told.severity)) << sensor;
    }
    EXPECT_TRUE(named) << "docs/reference/sensors.md does not name " << rule.sensor;
  }
}

}  // namespace
}  // namespace rackproof
