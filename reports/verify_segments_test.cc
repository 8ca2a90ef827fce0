// SPDX-License-Identifier: Apache-2.0
// telemetry/ against the journal: missing, changed, extra, torn, and a file that would fill memory.
#include <gmock/gmock.h>
#include <zstd.h>

#include <filesystem>

#include "reports/bundle_for_test.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kFile = "telemetry/0001.csv.zst";

std::string packed(const std::string& text) {
  std::string bytes(ZSTD_compressBound(text.size()), '\0');
  bytes.resize(ZSTD_compress(bytes.data(), bytes.size(), text.data(), text.size(), 3));
  return bytes;
}

class VerifySegments : public BundleForTest {
 protected:
  // A bundle with these bytes as its segment, which the journal calls so.
  void build_with(
      const std::string& bytes, std::uint64_t rows,
      const std::function<void(SegmentRecord&)>& lie = [](SegmentRecord&) {}) {
    SegmentRecord record{kFile, 0, 2, rows, bytes.size(), hex(sha256(bytes))};
    lie(record);
    segments_ = {record};
    before_finish_ = [this, bytes] {
      fs::create_directory(folder_ / "telemetry");
      put(kFile, bytes);
      then_();
    };
    build();
  }
  std::function<void()> then_ = [] {};
  const std::string good_ = packed("at_s,a [celsius]\n1.000,40\n2.000,41\n");
};

TEST_F(VerifySegments, HoldsWhatTheJournalNames) {
  build_with(good_, 2);
  const VerifyResult result = verify();
  EXPECT_EQ(result.outcome, VerifyOutcome::verified) << result.text();
  EXPECT_THAT(result.text(), HasSubstr("1 telemetry segments with 2 rows"));
}

TEST_F(VerifySegments, RefusesAMissingAChangedAndAnExtraFile) {
  build_with(good_, 2);
  flip_one_bit(kFile);
  EXPECT_REFUSED(verify(), files_differ, "telemetry/0001.csv.zst: changed");
  put(kFile, good_);
  put("telemetry/0002.csv.zst", good_);
  EXPECT_REFUSED(verify(), files_differ, "telemetry/0002.csv.zst: extra");
  fs::remove(file("telemetry/0002.csv.zst"));
  fs::remove(file(kFile));
  EXPECT_REFUSED(verify(), files_differ, "telemetry/0001.csv.zst: missing");
  fs::create_symlink("/etc/passwd", file(kFile));
  EXPECT_REFUSED(verify(), files_differ, "not a plain file");
}

TEST_F(VerifySegments, RefusesALinkedFolder) {
  build_with(good_, 2);
  fs::rename(file("telemetry"), file("elsewhere"));
  fs::create_directory_symlink("elsewhere", file("telemetry"));
  EXPECT_REFUSED(verify(), files_differ, "not a plain file");
}

// From here on the station itself signs what its journal does not say.
TEST_F(VerifySegments, RefusesASegmentThatTheJournalDoesNotName) {
  then_ = [this] { put("telemetry/0009.csv.zst", good_); };
  build_with(good_, 2);
  EXPECT_REFUSED(verify(), files_differ, "0009.csv.zst: no segment that the journal names");
}

TEST_F(VerifySegments, RefusesADigestASizeAndARowCountThatDiffer) {
  const auto refused = [&](const std::function<void(SegmentRecord&)>& lie, const char* why) {
    fs::remove_all(folder_.path());
    fs::create_directory(folder_.path());
    build_with(good_, 2, lie);
    EXPECT_REFUSED(verify(), files_differ, why);
  };
  refused([](SegmentRecord& r) { r.sha256 = std::string(64, '0'); },
          "is not the one that was recorded");
  refused([](SegmentRecord& r) { ++r.size_bytes; }, "has not the");
  refused([](SegmentRecord& r) { ++r.rows; }, "holds 3 lines, 3 rows were recorded");
  refused([](SegmentRecord& r) { --r.rows; }, "holds more than the 2 lines recorded");
  refused([](SegmentRecord& r) { r.rows = ~0ull; }, "more rows than any segment holds");
}

TEST_F(VerifySegments, RefusesNamesThatLeadElsewhere) {
  for (const char* name : {"../journal", "/etc/passwd", "telemetry/../journal.zst", "journal",
                           "telemetry/.zst", "telemetry/a/b.csv.zst"}) {
    fs::remove_all(folder_.path());
    fs::create_directory(folder_.path());
    build_with(good_, 2, [&](SegmentRecord& record) { record.file = name; });
    EXPECT_REFUSED(verify(), journal_broken, "that cannot be");
  }
}

TEST_F(VerifySegments, RefusesASegmentNamedTwice) {
  build_with(good_, 2);
  fs::remove_all(folder_.path());
  fs::create_directory(folder_.path());
  segments_.push_back(segments_[0]);
  build();
  EXPECT_REFUSED(verify(), journal_broken, "that cannot be");
}

TEST_F(VerifySegments, RefusesWhatCannotBeUnpacked) {
  build_with("not zstd at all", 2);
  EXPECT_REFUSED(verify(), files_differ, "cannot be unpacked: Unknown frame descriptor");
}

TEST_F(VerifySegments, RefusesATornSegment) {
  build_with(good_.substr(0, good_.size() - 5), 2);
  EXPECT_REFUSED(verify(), files_differ, "is cut off");
}

TEST_F(VerifySegments, RefusesABombWithoutKeepingIt) {
  build_with(packed(std::string(1u << 30, 'x')), 2);
  EXPECT_LT(fs::file_size(file(kFile)), 200000u);
  EXPECT_REFUSED(verify(), files_differ, "unpacks to more than any segment holds");
}

TEST_F(VerifySegments, RefusesABombOfLines) {
  build_with(packed(std::string(64u << 20, '\n')), 2);
  EXPECT_REFUSED(verify(), files_differ, "holds more than the 3 lines recorded");
}

}  // namespace
}  // namespace rackproof
