// SPDX-License-Identifier: Apache-2.0
// Who wrote a line decides what it is worth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hardware/kernel_log.h"

namespace rackproof {
namespace {

using testing::HasSubstr;

constexpr std::string_view kXid =
    "NVRM: Xid (PCI:0000:1b:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.";

KernelEvent event_of_record(const std::string& record) {
  const auto parsed = parse_kernel_record(record);
  const auto event = parsed ? classify(*parsed) : std::optional<KernelEvent>();
  return event ? *event : KernelEvent{"none", "none", "", "", ""};
}

TEST(KernelEvent, TheKernelsOwnLineIsFatal) {
  EXPECT_EQ(event_of_record("4,10,1000,-;" + std::string(kXid)).severity, "fatal");
}

TEST(KernelEvent, AProgramsLineIsAWarningThatSaysWhoWroteIt) {
  const KernelEvent event = event_of_record("12,10,1000,-;" + std::string(kXid));
  EXPECT_EQ(event.cause, "gpu.xid.79");
  EXPECT_EQ(event.severity, "warning");
  EXPECT_EQ(event.part, "0000:1b:00.0");
  EXPECT_THAT(event.next_step,
              HasSubstr("A program wrote this line (facility user), not the kernel"));
}

TEST(KernelEvent, EveryFacilityButTheKernelsIsAPrograms) {
  for (int facility = 1; facility < 256; ++facility) {
    const KernelEvent event =
        event_of_record(std::to_string(facility * 8) + ",10,1000,-;" + std::string(kXid));
    EXPECT_EQ(event.severity, "warning") << facility;
  }
  EXPECT_THAT(event_of_record("24,1,1,-;" + std::string(kXid)).next_step, HasSubstr("daemon"));
  EXPECT_THAT(event_of_record("800,1,1,-;" + std::string(kXid)).next_step, HasSubstr("number 100"));
}

TEST(KernelEvent, AProgramsInfoStaysInfo) {
  EXPECT_EQ(event_of_record("12,1,1,-;a[1]: segfault at 0 ip 0 sp 0 error 4").severity, "info");
}

TEST(KernelEvent, AHeaderInsideTheTextIsText) {
  EXPECT_EQ(event_of_record("12,10,1000,-;4,11,1001,-;" + std::string(kXid)).cause, "none");
  EXPECT_EQ(event_of_record("12,10,1000,-;a\\x0a4,11,1001,-;" + std::string(kXid)).cause, "none");
  EXPECT_EQ(event_of_record("12,10,1000,-;a\\x0a" + std::string(kXid)).cause, "none");
}

TEST(KernelEvent, TheDictionaryNamesThePartWhenTheTextDoesNot) {
  const KernelEvent event = event_of_record(
      "3,10,1000,-;NVRM: RmInitAdapter failed! (0x26:0xffff:1290)\n SUBSYSTEM=pci\n "
      "DEVICE=+pci:0000:1b:00.0\n");
  EXPECT_EQ(event.cause, "gpu.init");
  EXPECT_EQ(event.part, "0000:1b:00.0");
}

TEST(KernelEvent, NothingIsSaidOfAnEmptyLine) { EXPECT_FALSE(classify(KernelRecord{})); }

}  // namespace
}  // namespace rackproof
