// SPDX-License-Identifier: Apache-2.0
// Segments: what is in them, when one ends, and what is left of one that never did.
#include "runner/telemetry_store.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "core/hash.h"
#include "runner/campaign_for_test.h"
#include "runner/telemetry_recovery.h"
#include "runner/zstd_for_test.h"

namespace rackproof {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Reading celsius(const std::string& sensor, double value) {
  return {sensor, Unit::celsius, Reading::State::value, value};
}

class TelemetryStoreTest : public CampaignTest {
 protected:
  void SetUp() override {
    CampaignTest::SetUp();
    ledger_.emplace(folder_ / "journal", Genesis{});
    store_.emplace(folder_.path(), *ledger_);
  }
  std::filesystem::path file(const std::string& name) const { return folder_ / "telemetry" / name; }
  const std::vector<SegmentRecord>& recorded() const { return ledger_->evidence().segments; }
  RecoveredSegments recovered() const {
    auto left = recover_segments(folder_.path(), ledger_->evidence());
    EXPECT_TRUE(left) << left.error().text();
    return left.value_or(RecoveredSegments{});
  }
  std::string refusal() const {
    const auto left = recover_segments(folder_.path(), ledger_->evidence());
    return left ? "recovered" : left.error().text();
  }

  std::optional<Ledger> ledger_;
  std::optional<TelemetryStore> store_;
};

TEST_F(TelemetryStoreTest, RecordsAClosedSegmentWithItsDigest) {
  store_->tick({celsius("a", 40.5), celsius("b,c", 41)}, 1);
  store_->tick({celsius("a", 42)}, 2.5);
  store_->close();
  ASSERT_EQ(recorded().size(), 1u);
  const SegmentRecord& segment = recorded()[0];
  EXPECT_EQ(segment.file, "telemetry/0001.csv.zst");
  EXPECT_EQ(segment.rows, 2u);
  EXPECT_EQ(segment.start_s, 1);
  EXPECT_EQ(segment.end_s, 2.5);
  EXPECT_EQ(segment.size_bytes, std::filesystem::file_size(file("0001.csv.zst")));
  EXPECT_EQ(segment.sha256, hex(sha256_file(file("0001.csv.zst")).value()));
  const Unpacked read = zstdcat(file("0001.csv.zst"));
  EXPECT_TRUE(read.whole);
  EXPECT_EQ(read.text, "at_s,a [celsius],\"b,c [celsius]\"\n1.000,40.5,41\n2.500,42,\n");
}

TEST_F(TelemetryStoreTest, BeginsAnewWhenASensorNewlyAppearsAndNotWhenItComesBack) {
  store_->tick({celsius("a", 1)}, 1);
  store_->tick({celsius("a", 1), celsius("b", 2)}, 2);
  store_->tick({celsius("a", 1)}, 3);
  store_->tick({celsius("b", 2)}, 4);
  store_->close();
  ASSERT_EQ(recorded().size(), 2u);
  EXPECT_EQ(recorded()[1].rows, 3u);
}

TEST_F(TelemetryStoreTest, EndsASegmentByItsRowsAndByItsTime) {
  for (int i = 0; i < 601; ++i) store_->tick({celsius("a", 1)}, i * 0.1);
  EXPECT_EQ(recorded().size(), 1u);
  EXPECT_EQ(recorded()[0].rows, TelemetryStore::kMostRows);
  store_->tick({celsius("a", 1)}, 1000);
  EXPECT_EQ(recorded().size(), 2u);
}

TEST_F(TelemetryStoreTest, KeepsLinesOfTheKernelAsText) {
  store_->logged({.sequence = 339, .boot_s = 5, .level = 6, .facility = 0, .text = "hello"}, 1.25);
  store_->close();
  EXPECT_EQ(recorded().at(0).file, "telemetry/kernel-0001.log.zst");
  EXPECT_EQ(zstdcat(file("kernel-0001.log.zst")).text, "1.250 339 0.6 hello\n");
}

TEST_F(TelemetryStoreTest, MakesNoFileWithoutAReading) {
  store_->tick({}, 1);
  store_->close();
  EXPECT_FALSE(std::filesystem::exists(folder_ / "telemetry"));
}

TEST_F(TelemetryStoreTest, LosesAtMostWhatCameSinceTheLastFlush) {
  for (int i = 0; i < 8; ++i) {
    store_->tick({celsius("a", i)}, i);
    store_->flush_when_due(i);
  }
  store_.reset();  // as kill -9 would
  const Unpacked read = zstdcat(file("0001.csv.zst"));
  EXPECT_FALSE(read.whole);
  EXPECT_THAT(read.text, HasSubstr("\n5.000,5\n"));
  const RecoveredSegments left = recovered();
  ASSERT_EQ(left.segments.size(), 1u);
  EXPECT_EQ(left.segments[0].rows, 6u);
  EXPECT_EQ(left.segments[0].end_s, 5);
  EXPECT_EQ(left.segments[0].sha256, hex(sha256_file(file("0001.csv.zst")).value()));
  EXPECT_TRUE(zstdcat(file("0001.csv.zst")).whole);
  EXPECT_EQ(left.events.at(0).severity, "warning");
  EXPECT_THAT(left.events.at(0).text,
              HasSubstr("6 lines are kept; how many were lost is not known"));
}

TEST_F(TelemetryStoreTest, RemovesASegmentWithoutAWholeLineAndSaysSo) {
  store_->tick({celsius("a", 1)}, 1);
  store_.reset();
  const RecoveredSegments left = recovered();
  EXPECT_TRUE(left.segments.empty());
  EXPECT_THAT(left.events.at(0).text, HasSubstr("removed, since none of its lines can be read"));
  EXPECT_FALSE(std::filesystem::exists(file("0001.csv.zst")));
}

TEST_F(TelemetryStoreTest, RemovesWhatARecoveryLeftThatWasItselfCutOff) {
  std::filesystem::create_directory(folder_ / "telemetry");
  std::ofstream(file("0003.csv.zst.new")) << "half";
  EXPECT_TRUE(recovered().events.empty());
  EXPECT_FALSE(std::filesystem::exists(file("0003.csv.zst.new")));
}

TEST_F(TelemetryStoreTest, KeepsOfABrokenFileWhatComesBeforeTheBreak) {
  std::filesystem::create_directory(folder_ / "telemetry");
  std::ofstream(file("0001.csv.zst"), std::ios::binary) << "not zstd at all";
  EXPECT_THAT(recovered().events.at(0).text, HasSubstr("removed"));
}

TEST_F(TelemetryStoreTest, RefusesToGoOnWithoutARecordedSegment) {
  store_->tick({celsius("a", 1)}, 1);
  store_->close();
  EXPECT_EQ(refusal(), "recovered");
  std::ofstream(file("0001.csv.zst"), std::ios::app) << "x";
  EXPECT_THAT(refusal(), HasSubstr("bytes, "));
  std::filesystem::remove(file("0001.csv.zst"));
  EXPECT_THAT(refusal(), HasSubstr("0001.csv.zst: a segment that was recorded is missing"));
}

TEST_F(TelemetryStoreTest, RefusesToGoOnBesideAFileThatIsNoneOfOurs) {
  std::filesystem::create_directory(folder_ / "telemetry");
  for (const char* name : {"notes.txt", ".csv.zst", "x.csv.zst", "kernel-.log.zst"}) {
    std::ofstream(file(name)) << "x";
    EXPECT_THAT(refusal(), HasSubstr("is no segment of this run; remove it")) << name;
    std::filesystem::remove(file(name));
  }
  std::filesystem::create_symlink("/etc/passwd", file("0001.csv.zst"));
  EXPECT_THAT(refusal(), HasSubstr("is no segment of this run"));
}

TEST_F(TelemetryStoreTest, ThrowsWhenTheDiskIsFull) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100, 100};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int code = 1;
    try {
      Segment segment(folder_.path(), "telemetry/0001.csv.zst");
      for (int i = 0; i < 100; ++i) {
        segment.row(hex(sha256(std::to_string(i))), 10 * i);  // nothing that compresses
        segment.flush_when_due(10 * i);
      }
    } catch (const StorageError& problem) {
      code = std::string(problem.what()).find("cannot write") == std::string::npos ? 2 : 42;
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 42);
}

}  // namespace
}  // namespace rackproof
