// SPDX-License-Identifier: Apache-2.0
#include "hardware/capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "hardware/capture_for_test.h"
#include "hardware/capture_kernel_log.h"
#include "hardware/hgx_for_test.h"

namespace rackproof {
namespace {

using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

Inventory replay(const std::filesystem::path& path) {
  const auto capture = open_capture(path);
  EXPECT_TRUE(capture) << capture.error().text();
  if (!capture) return {};
  const auto inventory = read_inventory(capture->sources);
  EXPECT_TRUE(inventory) << inventory.error().text();
  return inventory ? *inventory : Inventory{};
}

TEST(Capture, ShowsTheSameMachineElsewhere) {
  const CapturedMachine captured;
  ASSERT_TRUE(captured.write());
  Inventory live = *read_inventory({.root = captured.machine().path()});
  Inventory again = replay(captured.folder());
  EXPECT_EQ(again.pci.at(0).driver, "nvidia");
  EXPECT_EQ(again.pci.at(0).numa_node, 1);
  EXPECT_EQ(again.drivers.at("nvidia_open"), "550.54.15");
  EXPECT_EQ(again.dmi.at("product_serial"), "ABC123");
  live.notes = again.notes = {};
  EXPECT_EQ(to_json(again), to_json(live));
}

TEST(Capture, LinksBecomeFilesThatTheReadersFind) {
  const CapturedMachine captured;
  ASSERT_TRUE(captured.write());
  EXPECT_EQ(captured.read("root/sys/class/hwmon/hwmon0/temp1_input"), "42000\n");
  EXPECT_EQ(captured.read("root/sys/bus/pci/devices/0000:01:00.0/driver"), "nvidia\n");
  EXPECT_THAT(captured.read("readings.json"), HasSubstr("\"hwmon0.temp1\""));
}

TEST(Capture, LinksOutOfTheKernelsFoldersAreNotFollowed) {
  const CapturedMachine captured;
  captured.machine().file("home/secret", "key\n");
  captured.machine().link("sys/class/hwmon/hwmon1", "../../../home");
  captured.machine().link("sys/class/dmi/id/board_serial", "../../../../home/secret");
  const auto written = captured.write();
  ASSERT_TRUE(written);
  for (const auto& file : written->files) EXPECT_THAT(file.path, Not(HasSubstr("secret")));
  EXPECT_FALSE(std::filesystem::exists(captured.folder() / "root/sys/class/dmi/id/board_serial"));
}

TEST(Capture, WhatCouldNotBeReadIsNamed) {
  const CapturedMachine captured;
  const auto written = captured.write();
  ASSERT_TRUE(written);
  const auto& gaps = written->missing;
  const auto of = [&](const char* what) {
    return std::ranges::count(gaps, what, &CaptureManifest::Gap::what);
  };
  EXPECT_EQ(of("kernel.log"), 1);
  EXPECT_EQ(of("topology.xml"), 1);
  EXPECT_EQ(of("pci.txt"), 1);
  EXPECT_THAT(open_capture(captured.folder())->notes,
              Contains(HasSubstr("not captured: pci.txt: only the first 64 bytes of 1 of 1")));
}

TEST(Capture, AFolderWithSomethingInItIsRefused) {
  const CapturedMachine captured;
  ASSERT_TRUE(captured.write());
  const auto again = captured.write();
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().text(), EndsWith("is not empty: a capture gets a folder of its own"));
  const TestFolder tree;
  const auto on_file = write_capture(tree.file("x", ""), {.root = captured.machine().path()});
  ASSERT_FALSE(on_file);
  EXPECT_THAT(on_file.error().text(), HasSubstr("is no folder"));
}

TEST(Capture, AnonymousHoldsNoSecretAnywhere) {
  const CapturedMachine captured;
  ASSERT_TRUE(captured.write(true));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(captured.folder())) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const std::string path = entry.path().lexically_relative(captured.folder());
    EXPECT_THAT(captured.read(path), Not(HasSubstr("ABC123"))) << path;
    EXPECT_THAT(captured.read(path), Not(HasSubstr("node7"))) << path;
  }
  EXPECT_GT(files, 5u);
  EXPECT_EQ(captured.problem(), "");
}

TEST(OpenCapture, NamesAFileThatWasChangedCutAddedOrTakenAway) {
  const CapturedMachine captured;
  ASSERT_TRUE(captured.write());
  const std::string serial = "root/sys/class/dmi/id/product_serial";
  captured.change(serial, "ABC124\n");
  EXPECT_THAT(captured.problem(), HasSubstr("product_serial: is not the file that was captured"));
  captured.change(serial, "ABC1");
  EXPECT_THAT(captured.problem(),
              HasSubstr("has 4 bytes, capture.json says 7: it was changed or cut"));
  std::filesystem::remove(captured.folder() / serial);
  EXPECT_THAT(captured.problem(), HasSubstr("product_serial: is in capture.json, but not there"));
  captured.change(serial, "ABC123\n");
  captured.change("root/sys/class/dmi/id/board_serial", "X\n");
  EXPECT_THAT(captured.problem(), HasSubstr("board_serial: is not in capture.json"));
}

TEST(OpenCapture, ALinkInItIsRefused) {
  const CapturedMachine captured;
  ASSERT_TRUE(captured.write());
  std::filesystem::create_symlink("/etc", captured.folder() / "root/extra");
  EXPECT_THAT(captured.problem(), HasSubstr("root/extra: is a link, which a capture never holds"));
  std::filesystem::remove(captured.folder() / "root/extra");
  std::filesystem::rename(captured.folder() / "pci.txt", captured.folder() / "../pci.txt");
  std::filesystem::create_symlink("../pci.txt", captured.folder() / "pci.txt");
  EXPECT_THAT(captured.problem(), HasSubstr("pci.txt: is a link"));
}

TEST(OpenCapture, WithoutItsManifestItSaysThatNothingShowsItWhole) {
  const CapturedMachine captured;
  ASSERT_TRUE(captured.write());
  std::filesystem::remove(captured.folder() / "capture.json");
  const auto capture = open_capture(captured.folder());
  ASSERT_TRUE(capture) << capture.error().text();
  EXPECT_THAT(capture->notes, Contains(HasSubstr("no capture.json: nothing shows")));
  EXPECT_EQ(replay(captured.folder()).hostname, "node7");
}

TEST(OpenCapture, NothingOfThisMachineIsMixedIn) {
  const TestFolder tree;
  const Inventory inventory = replay(tree.file("node.txt", Hgx().verbose()));
  EXPECT_EQ(inventory.hostname, "");
  EXPECT_EQ(inventory.kernel, "");
  EXPECT_EQ(inventory.memory_bytes, 0u);
  EXPECT_EQ(inventory.pci.size(), 36u);
  EXPECT_THAT(inventory.notes, Contains(HasSubstr("topology: nothing shows it")));
}

TEST(OpenCapture, TwoFilesOfAKindAndFoldersOfNoneAreRefused) {
  const TestFolder tree;
  tree.file("a.txt", Hgx().verbose());
  tree.file("b.log", Hgx().verbose());
  EXPECT_THAT(open_capture(tree.path()).error().text(), HasSubstr("and so is"));
  const TestFolder other;
  other.file("readme", "hello\n");
  EXPECT_THAT(open_capture(other.path()).error().text(),
              HasSubstr("holds nothing that can be read"));
}

TEST(OpenCapture, UnknownEmptyAndMissingPathsSayWhatWouldBeRead) {
  const TestFolder tree;
  const auto problem = [](const std::filesystem::path& path) {
    return open_capture(path).error().text();
  };
  EXPECT_THAT(problem(tree.file("x", "hello\n")), HasSubstr("`lspci -vvv`"));
  EXPECT_THAT(problem(tree.file("x", std::string(100, '\0'))),
              HasSubstr("nothing that can be read"));
  EXPECT_THAT(problem(tree.file("x", "")), HasSubstr("is empty"));
  EXPECT_THAT(problem("/no/such"), HasSubstr("/no/such: is not there"));
  EXPECT_THAT(problem("/dev/null"), HasSubstr("neither a file nor a folder"));
}

TEST(CaptureKernelLog, LinesAreAsDmesgPrintsThem) {
  KernelRecord record;
  record.boot_s = 5.1409;
  record.level = 3;
  record.text = "text";
  EXPECT_EQ(dmesg_line(record), "kern  :err   : [    5.140900] text\n");
  record.facility = 3;
  EXPECT_EQ(dmesg_line(record), "daemon:err   : [    5.140900] text\n");
  record.facility = 17;
  EXPECT_THAT(dmesg_line(record), testing::StartsWith("17    :err"));
}

}  // namespace
}  // namespace rackproof
