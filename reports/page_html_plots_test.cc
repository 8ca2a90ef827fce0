// SPDX-License-Identifier: Apache-2.0
#include "reports/page_html_plots.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/folder_for_test.h"
#include "core/hash.h"
#include "reports/dsse.h"

namespace rackproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string packed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

class Segments : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories(folder_ / "telemetry");
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  void segment(const std::string& name, const std::string& text) {
    put(name, packed(text));
    report_["segments"].push_back({{"file", name}, {"sha256", hex(sha256(packed(text)))}});
  }
  PlotData read() { return read_plots(folder_.path(), report_); }

  TestFolder folder_;
  Json report_{{"run", {{"duration_s", 10.0}}}, {"segments", Json::array()}};
};

TEST(Reduction, KeepsASpikeOfOneTickInADay) {
  PlotReduction reduction(86400, 1);
  ASSERT_TRUE(reduction.head("at_s,gpu0.temp [celsius]"));
  for (int at = 0; at < 86400; at += 4) {
    ASSERT_TRUE(reduction.row(fmt::format("{}.000,{}", at, at == 40000 ? 104 : 60)));
  }
  const PlotData data = reduction.take();
  ASSERT_LE(data.at_s.size(), PlotReduction::kMostStretches);
  EXPECT_EQ(*std::max_element(data.series[0].max.begin(), data.series[0].max.end()), 104);
  EXPECT_EQ(*std::min_element(data.series[0].min.begin(), data.series[0].min.end()), 60);
}

TEST(Reduction, LeavesAShortRunAsItWas) {
  PlotReduction reduction(3, 1);
  ASSERT_TRUE(reduction.head("at_s,a [watt]"));
  for (const char* line : {"0.012,5", "1.013,7", "2.011,6"}) ASSERT_TRUE(reduction.row(line));
  const PlotData data = reduction.take();
  EXPECT_THAT(data.at_s, ElementsAre(0.012, 1.013, 2.011));
  EXPECT_THAT(data.series[0].max, ElementsAre(5, 7, 6));
}

TEST(Reduction, TellsWhatFailedFromWhatWasNotRead) {
  PlotReduction reduction(4, 2);
  ASSERT_TRUE(reduction.head("at_s,a [watt],b [watt]"));
  for (const char* line : {"0,error,1", "1,,2", "2,nan,3", "3,7,4"})
    ASSERT_TRUE(reduction.row(line));
  const PlotData data = reduction.take();
  EXPECT_EQ(data.series[0].errors, 2u);
  EXPECT_THAT(data.series[0].count, ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(data.series[1].count, ElementsAre(1, 1, 1, 1));
}

TEST(Reduction, LeavesOutWhatWasNeverRead) {
  PlotReduction reduction(3, 2);
  ASSERT_TRUE(reduction.head("at_s,a [watt],b [watt]"));
  for (const char* line : {"0,error,1", "1,,2"}) ASSERT_TRUE(reduction.row(line));
  const PlotData data = reduction.take();
  ASSERT_EQ(data.series.size(), 1u);
  EXPECT_EQ(data.series[0].sensor, "b");
}

TEST(Reduction, ReadsQuotedHeads) {
  PlotReduction reduction(3, 2);
  ASSERT_TRUE(reduction.head("at_s,\"a, \"\"b\"\" [volt]\",c [rpm]"));
  ASSERT_TRUE(reduction.row("1,2,3"));
  const PlotData data = reduction.take();
  EXPECT_EQ(data.series[0].sensor, "a, \"b\"");
  EXPECT_EQ(data.series[0].unit, "volt");
  EXPECT_EQ(data.series[1].sensor, "c");
}

TEST(Reduction, ManySensorsGetFewerStretchesAndNoneGrowsTheMemory) {
  PlotReduction reduction(1e6, 4000);
  ASSERT_TRUE(reduction.head("at_s,a [watt]"));
  for (int at = 0; at < 1000000; at += 500) ASSERT_TRUE(reduction.row(fmt::format("{},1", at)));
  EXPECT_LE(reduction.take().at_s.size(), 120u);
}

TEST_F(Segments, ASensorThatAppearsLaterIsEmptyBefore) {
  segment("telemetry/0001.csv.zst", "at_s,a [watt]\n0,1\n1,2\n");
  segment("telemetry/0002.csv.zst", "at_s,b [volt],a [watt]\n2,9,3\n");
  const PlotData data = read();
  EXPECT_TRUE(data.notes.empty());
  ASSERT_EQ(data.series.size(), 2u);
  EXPECT_THAT(data.series[0].count, ElementsAre(1, 1, 1));
  EXPECT_THAT(data.series[1].count, ElementsAre(0, 0, 1));
}

TEST_F(Segments, AMissingOneIsTold) {
  segment("telemetry/0001.csv.zst", "at_s,a [watt]\n0,1\n");
  report_["segments"].push_back({{"file", "telemetry/0002.csv.zst"}});
  const PlotData data = read();
  EXPECT_EQ(data.series.size(), 1u);
  ASSERT_EQ(data.notes.size(), 1u);
  EXPECT_THAT(data.notes[0], HasSubstr("telemetry/0002.csv.zst: cannot read"));
}

TEST_F(Segments, AChangedOneIsToldAndNotShown) {
  segment("telemetry/0001.csv.zst", "at_s,a [watt]\n0,1\n");
  put("telemetry/0001.csv.zst", packed("at_s,a [watt]\n0,2\n"));
  const PlotData data = read();
  EXPECT_TRUE(data.empty());
  EXPECT_THAT(data.notes[0], HasSubstr("is not the one that the run recorded"));
}

TEST_F(Segments, BrokenOnesAreToldByTheirMistake) {
  const std::string whole = packed("at_s,a [watt]\n0,1\n");
  const std::vector<std::pair<std::string, std::string>> broken{
      {"no zstd at all", "Unknown frame descriptor"},
      {whole.substr(0, whole.size() - 3), "cut off"},
      {packed("time,a\n"), "head does not begin with at_s"},
      {packed("at_s,a [watt]\nx,1\n"), "a line without a run time"},
      {packed(std::string(5u << 20, 'x')), "a line is too long"}};
  report_.erase("segments");
  for (const auto& [bytes, words] : broken) {
    put("telemetry/0001.csv.zst", bytes);
    const PlotData data = read();
    ASSERT_EQ(data.notes.size(), 1u) << words;
    EXPECT_THAT(data.notes[0], HasSubstr(words));
  }
}

TEST_F(Segments, OnlyFilesOfTheFolderAreRead) {
  for (const char* name : {"../secret.csv.zst", "/etc/0001.csv.zst", "telemetry/../0001.csv.zst",
                           "telemetry/kernel-0001.log.zst"}) {
    report_["segments"].push_back({{"file", name}});
  }
  EXPECT_TRUE(read().notes.empty());
}

TEST(PlotPacking, HoldsTheExtremesAndTheGaps) {
  PlotData data;
  data.at_s = {0, 1, 2};
  data.series.push_back({"a", "watt", 0, {10, 0, 20}, {30, 0, 20}, {40, 0, 20}, {2, 0, 1}});
  const Json json = to_json(data);
  const Json& row = json["series"][0];
  EXPECT_EQ(row["lo"], 10.0);
  EXPECT_EQ(row["hi"], 30.0);
  EXPECT_EQ(row["parts"], 3);
  const std::string bytes = parse_base64(row["values"].get<std::string>()).value();
  ASSERT_EQ(bytes.size(), 18u);
  EXPECT_EQ(bytes.substr(0, 2), std::string("\0\0", 2));
  EXPECT_EQ(bytes.substr(4, 2), "\xFE\xFF");
  EXPECT_EQ(bytes.substr(6, 6), std::string(6, '\xFF'));
}

TEST(PlotPacking, ASensorThatNeverMovesHasNoPoints) {
  PlotData data;
  data.at_s = {0, 1};
  data.series.push_back({"a", "count", 0, {0, 0}, {0, 0}, {0, 0}, {1, 1}});
  EXPECT_FALSE(to_json(data)["series"][0].contains("values"));
}

}  // namespace
}  // namespace rackproof
