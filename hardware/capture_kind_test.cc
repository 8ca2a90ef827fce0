// SPDX-License-Identifier: Apache-2.0
#include "hardware/capture_kind.h"

#include <gtest/gtest.h>

#include "hardware/hgx_for_test.h"

namespace rackproof {
namespace {

TEST(CaptureKind, IsToldByContent) {
  EXPECT_EQ(kind_of(Hgx().dump()), CaptureKind::pci_dump);
  EXPECT_EQ(kind_of(Hgx().verbose()), CaptureKind::lspci_text);
  EXPECT_EQ(kind_of(Hgx().verbose(false, false)), CaptureKind::lspci_text);
  EXPECT_EQ(kind_of("<?xml version=\"1.0\"?>\n<topology version=\"2.0\">"), CaptureKind::hwloc_xml);
  EXPECT_EQ(kind_of("{\n \"schema\": \"rackproof/capture/1\""), CaptureKind::manifest);
}

TEST(CaptureKind, KnowsEveryFormOfAKernelLog) {
  for (const char* line : {
           "[    0.000000] Linux version 6.1.0",
           "kern  :info  : [    0.000000] Linux version 6.1.0",
           "<6>[    0.000000] Linux version 6.1.0",
           "[Sat Nov 21 11:41:02 2026] Linux version 6.1.0",
           "6,339,5140900,-;Linux version 6.1.0",
           "Nov 21 11:41:02 node7 kernel: [    0.000000] Linux version 6.1.0",
           "2026-11-21T11:41:02.484002+00:00 node7 kernel: Linux version 6.1.0",
           "{\n   \"dmesg\": [\n      {",
       }) {
    EXPECT_EQ(kind_of(std::string(line) + "\n"), CaptureKind::kernel_log) << line;
  }
}

TEST(CaptureKind, OtherContentIsUnknown) {
  using std::string_literals::operator""s;
  for (const std::string& text : {""s, "\n\n"s, "hello\n"s, "<html>\n"s,
                                  "\x7f"
                                  "ELF\0\0"s,
                                  "[section]\nkey = value\nother = value\nmore = value\n"s,
                                  "{\"a\": 1}"s, "[    0.000000] a log\0with a zero"s}) {
    EXPECT_EQ(kind_of(text), CaptureKind::unknown) << text;
  }
}

}  // namespace
}  // namespace rackproof
