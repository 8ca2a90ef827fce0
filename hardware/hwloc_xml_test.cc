// SPDX-License-Identifier: Apache-2.0
#include "hardware/hwloc_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rackproof {
namespace {

using testing::HasSubstr;

std::string problem(const std::string& text) {
  const auto checked = check_hwloc_xml(text, "node.xml");
  return checked ? "" : checked.error().text();
}

const std::string kHead =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n";

std::string with(const std::string& inside) {
  return kHead + "<topology version=\"2.0\">\n" + inside + "\n</topology>\n";
}

TEST(HwlocXml, WhatHwlocWritesIsInOrder) {
  EXPECT_EQ(problem(with("<object type=\"Machine\" os_index=\"0\">\n<info name=\"a\" "
                         "value=\"b &lt; c\"/>\n</object>")),
            "");
}

TEST(HwlocXml, OtherTextsAreRefused) {
  for (const char* text :
       {"", "no xml", "<html></html>", "</topology>", "<topology/><topology/>"}) {
    EXPECT_THAT(problem(text), HasSubstr("lstopo --of xml")) << text;
  }
}

TEST(HwlocXml, ACutIsRefusedWhereverItStrikes) {
  const std::string text = with("<object type=\"Machine\"><info name=\"a\" value=\"b\"/></object>");
  for (std::size_t length = 0; length + 1 < text.size(); ++length) {
    EXPECT_NE(problem(text.substr(0, length)), "") << "cut to " << length;
  }
  EXPECT_EQ(problem(text.substr(0, text.find("</topology"))),
            "node.xml:5: breaks off within <topology>: it was cut; `lstopo --of xml` "
            "writes a whole one");
}

TEST(HwlocXml, EntitiesAreRefused) {
  EXPECT_EQ(problem("<?xml version=\"1.0\"?>\n<!DOCTYPE t [<!ENTITY a \"b\">]>\n<topology/>\n"),
            "node.xml:2: declares entities or more, which hwloc never writes");
  EXPECT_THAT(problem("<!ENTITY a SYSTEM \"file:///etc/passwd\">\n<topology/>"),
              HasSubstr("declares entities"));
}

TEST(HwlocXml, ADeepNestIsRefusedBeforeItOverrunsTheStack) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "<object type=\"Group\">\n";
  EXPECT_THAT(problem(with(text)), HasSubstr("nested more than 64 deep"));
}

TEST(HwlocXml, NumbersThatHwlocWouldAllocateByAreBounded) {
  EXPECT_EQ(problem(with("<object type=\"PU\" os_index=\"4294967295\"/>")),
            "node.xml:4: os_index '4294967295' is no number up to 65536");
  EXPECT_THAT(problem(with("<object type=\"NUMANode\" os_index=\"-1\"/>")),
              HasSubstr("os_index '-1'"));
  EXPECT_THAT(problem(with("<distances2 type=\"PU\" nbobjs=\"3000000000\"/>")),
              HasSubstr("nbobjs"));
  EXPECT_THAT(problem(with("<object type=\"NUMANode\" local_memory=\"18446744073709551615\"/>")),
              HasSubstr("local_memory"));
  // A socket's number is the firmware's own and may be anything.
  EXPECT_EQ(problem(with("<object type=\"Package\" os_index=\"3506438144\"/>")), "");
}

TEST(HwlocXml, ANewerVersionIsNamed) {
  EXPECT_THAT(problem(kHead + "<topology version=\"3.0\"></topology>"),
              HasSubstr("an hwloc XML of version 3.0: version 2 is read"));
}

}  // namespace
}  // namespace rackproof
