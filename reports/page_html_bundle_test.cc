// SPDX-License-Identifier: Apache-2.0
#include "reports/page_html_bundle.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "reports/bundle_for_test.h"
#include "reports/page_html.h"
#include "reports/statement.h"

namespace rackproof {
namespace {

using testing::HasSubstr;
using testing::Not;

class Page : public BundleForTest {
 protected:
  void replace(const std::string& old, const std::string& fresh) {
    std::string page = bytes("report.html");
    const auto at = page.find(old);
    ASSERT_NE(at, std::string::npos) << old;
    put("report.html", page.replace(at, old.size(), fresh));
    resum();
  }
  [[nodiscard]] Error refusal() const {
    const auto page = page_again(folder_.path());
    EXPECT_FALSE(page);
    return page ? Error{} : page.error();
  }
  void edit(const std::function<void(Json&)>& change) {
    Json report = parse_json(bytes("report.json")).value();
    change(report);
    put("report.json", report.dump(2));
  }
};

TEST_F(Page, LiesInTheBundleAndVerifiesWithIt) {
  build();
  EXPECT_THAT(bytes("report.html"), HasSubstr("<h1>PASS</h1>"));
  EXPECT_THAT(bytes("report.html"), HasSubstr(key_.public_key().fingerprint()));
  EXPECT_THAT(bytes("SHA256SUMS"), HasSubstr("report.html"));
  EXPECT_EQ(verify().outcome, VerifyOutcome::verified) << verify().text();
}

TEST_F(Page, ThatShowsAnotherReportIsRefused) {
  build(false);
  replace("\"verdict\":\"PASS\"", "\"verdict\":\"FAIL\"");
  EXPECT_REFUSED(verify(nullptr), verdict_differs, "report.html shows another report");
}

TEST_F(Page, ThatSaysMoreThanItsDataIsRefused) {
  build(false);
  replace("<h1>PASS</h1>", "<h1>GOLD</h1>");
  EXPECT_REFUSED(verify(nullptr), verdict_differs, "report.html differs from what report.json");
}

TEST_F(Page, ThatHoldsNoReportIsMalformed) {
  build(false);
  put("report.html", "<h1>PASS</h1>");
  resum();
  EXPECT_REFUSED(verify(nullptr), malformed, "report.html: no page of rackproof");
}

TEST_F(Page, OfAnotherVersionIsHeldToItsDataOnly) {
  build(false);
  replace("<h1>PASS</h1>", "<h1>PASS </h1>");
  VerifyHooks newer = hooks();
  newer.version = "9.9";
  EXPECT_EQ(verify_bundle(folder_.path(), nullptr, newer).outcome, VerifyOutcome::unsigned_bundle);
  replace("\"verdict\":\"PASS\"", "\"verdict\":\"FAIL\"");
  EXPECT_REFUSED(verify_bundle(folder_.path(), nullptr, newer), verdict_differs, "another report");
}

TEST_F(Page, ABundleWithoutOneVerifies) {
  build(false);
  std::filesystem::remove(file("report.html"));
  resum();
  EXPECT_EQ(verify(nullptr).outcome, VerifyOutcome::unsigned_bundle);
}

TEST_F(Page, MadeAgainSaysThatNothingWasVerified) {
  build();
  const auto page = page_again(folder_.path());
  ASSERT_TRUE(page) << page.error().text();
  EXPECT_THAT(*page, HasSubstr("Nothing was verified"));
  EXPECT_THAT(*page, HasSubstr(key_.public_key().fingerprint()));
  EXPECT_THAT(bytes("report.html"), Not(HasSubstr("Nothing was verified")));
}

TEST_F(Page, MadeAgainFromAnUnsignedBundleSaysSo) {
  build(false);
  EXPECT_THAT(page_again(folder_.path()).value(), HasSubstr("This bundle is unsigned."));
}

TEST_F(Page, MadeAgainNamesWhatItDoesNotKnow) {
  build();
  edit([](Json& report) { report["aura"] = "blue"; });
  EXPECT_THAT(page_again(folder_.path()).value(), HasSubstr("not known here and left out: aura"));
}

TEST_F(Page, OfANewerSchemaIsNotMade) {
  build();
  edit([](Json& report) {
    report["schema"] = "rackproof/report/2";
    report["run"] = {{"tool_version", "7.1"}};
  });
  EXPECT_THAT(refusal().text(),
              HasSubstr("report.json: of schema rackproof/report/2, and this rackproof reads "
                        "rackproof/report/1 only; use rackproof 7.1, which made it"));
}

TEST_F(Page, OfBrokenJsonNamesLineAndColumn) {
  build();
  put("report.json", "{\n  \"schema\": ,\n}\n");
  EXPECT_THAT(refusal().text(), HasSubstr("report.json:2:13: not valid JSON"));
  put("report.json", "[]");
  EXPECT_THAT(refusal().text(), HasSubstr("not a report of rackproof"));
}

TEST_F(Page, OfABundleWithoutInventoryNamesTheFile) {
  build();
  std::filesystem::remove(file("inventory.json"));
  EXPECT_THAT(refusal().text(), HasSubstr("inventory.json: cannot read"));
  put("inventory.json", "{\n]");
  EXPECT_THAT(refusal().text(), HasSubstr("inventory.json:2:1: not valid JSON"));
}

}  // namespace
}  // namespace rackproof
