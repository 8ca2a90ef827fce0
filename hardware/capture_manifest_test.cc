// SPDX-License-Identifier: Apache-2.0
#include "hardware/capture_manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

using testing::HasSubstr;

Json one_file(const std::string& path) {
  CaptureManifest manifest;
  manifest.tool = "rackproof test";
  manifest.files = {{path, std::string(64, 'a'), 7}};
  return to_json(manifest);
}

std::string problem(const Json& json) {
  const auto parsed = parse_capture_manifest(json.dump(), "capture.json");
  return parsed ? "" : parsed.error().text();
}

TEST(CaptureManifest, SurvivesTheWayThroughJson) {
  const auto parsed = parse_capture_manifest(one_file("root/proc/cpuinfo").dump(), "capture.json");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(to_json(*parsed), one_file("root/proc/cpuinfo"));
}

TEST(CaptureManifest, AnotherSchemaIsNamedWithItsWriter) {
  Json json = one_file("x");
  json["schema"] = "rackproof/capture/2";
  EXPECT_EQ(
      problem(json),
      "capture.json: schema 'rackproof/capture/2', written by 'rackproof test': this rackproof "
      "reads 'rackproof/capture/1'");
  json["schema"] = "rackproof/profile/1";
  EXPECT_THAT(problem(json), HasSubstr("is no capture's"));
  json.erase("schema");
  EXPECT_THAT(problem(json), HasSubstr("lacks its schema"));
}

TEST(CaptureManifest, PathsThatLeadOutAreRefused) {
  for (const char* path :
       {"/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/.", "", "a\\b", "a\nb"}) {
    EXPECT_THAT(problem(one_file(path)), HasSubstr("could lead out of the capture")) << path;
  }
  EXPECT_FALSE(is_inside(std::string(300, 'x')));
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "d/";
  EXPECT_FALSE(is_inside(deep + "x"));
  EXPECT_TRUE(is_inside("root/sys/bus/pci/devices/0000:01:00.0/vendor"));
}

TEST(CaptureManifest, ClaimsOfSizeAreBounded) {
  Json json = one_file("pci.txt");
  json["files"][0]["size_bytes"] = 10'000'000'000;
  EXPECT_THAT(problem(json), HasSubstr("'pci.txt' claims 10000000000 bytes"));
  for (const Json& wrong : {Json(-1), Json(1.5), Json(true), Json("7")}) {
    json["files"][0]["size_bytes"] = wrong;
    EXPECT_THAT(problem(json), HasSubstr("size_bytes of a file is no whole number"));
  }
}

TEST(CaptureManifest, OtherMistakesAreNamed) {
  Json twice = one_file("x");
  twice["files"].push_back(twice["files"][0]);
  EXPECT_THAT(problem(twice), HasSubstr("lists 'x' twice"));
  Json digest = one_file("x");
  digest["files"][0]["sha256"] = "zz";
  EXPECT_THAT(problem(digest), HasSubstr("sha256 of 'x'"));
  Json missing = one_file("x");
  missing.erase("missing");
  EXPECT_THAT(problem(missing), HasSubstr("missing"));
  EXPECT_THAT(problem(Json::array()), HasSubstr("not a capture"));
  EXPECT_THAT(parse_capture_manifest("{\"schema\": ", "capture.json").error().text(),
              HasSubstr("capture.json:1"));
}

}  // namespace
}  // namespace rackproof
