// SPDX-License-Identifier: Apache-2.0
#include "hardware/kernel_log_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "hardware/kernel_log_faults_for_test.h"
#include "hardware/kernel_log_quiet_for_test.h"

namespace rackproof {
namespace {

using testing::HasSubstr;

KernelRecord line(std::string_view text) {
  KernelRecord record;
  record.text = text;
  return record;
}

std::string name(const KernelLogRule& rule) {
  return "hardware/kernel_log.yaml:" + std::to_string(rule.line) + ": " + rule.cause;
}

TEST(KernelLogTable, EveryFaultLineIsTakenForWhatItIs) {
  EXPECT_GE(std::size(kFaultLines), 120U);
  for (const FaultLine& fault : kFaultLines) {
    const auto event = classify(line(fault.text));
    ASSERT_TRUE(event) << "no event: " << fault.text;
    EXPECT_EQ(event->cause, fault.cause) << fault.text;
    EXPECT_EQ(event->severity, fault.severity) << fault.text;
    EXPECT_EQ(event->part, fault.part) << fault.text;
    EXPECT_EQ(event->text, fault.text);
  }
}

TEST(KernelLogTable, LinesOfHealthyMachinesStayQuiet) {
  EXPECT_GE(std::size(kQuietLines), 120U);
  for (const std::string_view text : kQuietLines) {
    const KernelLogRule* rule = KernelLogTable::built_in().find(text);
    EXPECT_EQ(rule, nullptr) << name(*rule) << " matches: " << text;
  }
}

TEST(KernelLogTable, EveryEntryIsMatchedByALineOfTheTest) {
  std::set<const KernelLogRule*> seen;
  for (const FaultLine& fault : kFaultLines) {
    seen.insert(KernelLogTable::built_in().find(fault.text));
  }
  for (const KernelLogRule& rule : KernelLogTable::built_in().rules()) {
    EXPECT_EQ(seen.count(&rule), 1U) << name(rule) << ": no line of the test comes to it";
  }
}

TEST(KernelLogTable, EveryEntryTellsAFieldEngineerWhatToDo) {
  for (const KernelLogRule& rule : KernelLogTable::built_in().rules()) {
    EXPECT_TRUE(rule.next.ends_with('.')) << name(rule);
    EXPECT_GT(rule.source.size(), 10U) << name(rule);
    for (const auto& code : rule.codes) {
      EXPECT_THAT(code.second.means, HasSubstr(code.first)) << name(rule);
      EXPECT_TRUE(code.second.next.ends_with('.')) << name(rule) << " code " << code.first;
    }
  }
}

TEST(KernelLogTable, ACodesMeaningStandsInTheNextStep) {
  const auto event = classify(line("NVRM: Xid (PCI:0000:1b:00): 79, GPU has fallen off the bus."));
  ASSERT_TRUE(event);
  EXPECT_THAT(event->next_step,
              HasSubstr("Xid 79, the GPU has fallen off the bus: Power the host"));
}

TEST(KernelLogTable, TheReferenceNamesEveryCauseAndCodeWithItsSeverity) {
  std::ifstream file(RACKPROOF_SOURCE_DIR "/docs/reference/kernel-log.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const KernelLogRule& rule : KernelLogTable::built_in().rules()) {
    EXPECT_THAT(page, HasSubstr("| `" + rule.cause + "` | " + rule.severity + " |")) << name(rule);
    for (const auto& code : rule.codes) {
      EXPECT_THAT(page, HasSubstr("| " + code.first + " | " + code.second.severity + " |"))
          << name(rule);
    }
  }
}

TEST(KernelLogTable, AProcessCannotImitateTheKernelByItsName) {
  // The kernel puts up to 15 characters that a program chose at the beginning of these lines.
  for (const FaultLine& fault : kFaultLines) {
    const std::string comm(fault.text.substr(0, 15));
    const auto crash = classify(line(comm + "[12]: segfault at 0 ip 0 sp 0 error 4"));
    EXPECT_TRUE(crash && crash->cause == "process.fault") << comm;
    const auto oom = classify(line(comm + " invoked oom-killer: gfp_mask=0x0, order=0"));
    EXPECT_TRUE(oom && oom->cause == "kernel.oom") << comm;
    EXPECT_FALSE(classify(line(comm + " (99): uses a deprecated interface"))) << comm;
    EXPECT_FALSE(classify(line(comm + "[12]: memfd_create() called without MFD_EXEC"))) << comm;
  }
}

TEST(KernelLogTable, AHostileLineCostsLinearTime) {
  for (const FaultLine& fault : kFaultLines) {
    std::string hostile(fault.text);
    while (hostile.size() < kLongestKernelLine) hostile += hostile;
    (void)classify(line(hostile));
  }
  EXPECT_FALSE(classify(line(std::string(kLongestKernelLine, 'a'))));
  EXPECT_FALSE(classify(line("EDAC MC0: 1 U" + std::string(kLongestKernelLine, '('))));
}

TEST(KernelLogTable, PartsOfPciHaveOneName) {
  EXPECT_EQ(normal_part("PCI:0000:1B:00"), "0000:1b:00.0");
  EXPECT_EQ(normal_part("1b:00.1"), "0000:1b:00.1");
  EXPECT_EQ(normal_part("00000009:01:00"), "0009:01:00.0");
  EXPECT_EQ(normal_part("10000:e1:00.0"), "10000:e1:00.0");
  EXPECT_EQ(normal_part("nvme0"), "nvme0");
}

// A table of one entry with `change` made to it.
std::string problem(const std::string& from, const std::string& to) {
  std::string yaml =
      "fragments:\n  cpu: 'CPU (?P<cpu>\\d+)'\nevents:\n"
      "  - cause: cpu.bad\n    severity: fatal\n    match: '%{cpu} is bad'\n    part: 'cpu_{cpu}'\n"
      "    next: \"Replace it.\"\n    source: \"invented for this test\"\n";
  yaml.replace(yaml.find(from), from.size(), to);
  const auto table = KernelLogTable::read(yaml, "t.yaml");
  return table ? "" : table.error().text();
}

TEST(KernelLogTable, MistakesNameTheEntryAndWhatIsRight) {
  EXPECT_EQ(problem("cpu.bad", "cpu.bad"), "");
  EXPECT_EQ(problem("fatal", "deadly"),
            "t.yaml:4: cpu.bad: severity 'deadly' is none of info, warning, fatal");
  EXPECT_EQ(problem("    next: \"Replace it.\"\n", ""), "t.yaml:4: cpu.bad: needs a text 'next'");
  EXPECT_EQ(problem("%{cpu} is", "%{gpu} is"), "t.yaml:4: unknown fragment '%{gpu}'");
  EXPECT_EQ(problem("cpu_{cpu}", "cpu_{core}"),
            "t.yaml:4: cpu.bad: '{core}' is no named group of its match");
  EXPECT_EQ(problem("source:", "sources:"),
            "t.yaml:4: cpu.bad: unknown field 'sources'; did you mean 'source'?");
  EXPECT_THAT(problem("is bad'", "is (bad'"), HasSubstr("t.yaml:4: cpu.bad: match: missing )"));
  EXPECT_THAT(problem("part: 'cpu_{cpu}'", "codes: {1: {severity: info, means: a, next: b}}"),
              HasSubstr("codes need a group (?P<code>...)"));
  EXPECT_THAT(problem("events:", "events: ["), HasSubstr("t.yaml:"));
  EXPECT_THAT(problem("events:\n  - cause", "other:\n  - cause"),
              HasSubstr("unknown field 'other'"));
}

}  // namespace
}  // namespace rackproof
