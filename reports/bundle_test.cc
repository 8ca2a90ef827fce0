// SPDX-License-Identifier: Apache-2.0
#include "reports/bundle.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "reports/bundle_for_test.h"
#include "reports/dsse.h"
#include "reports/manifest.h"
#include "reports/statement.h"

namespace rackproof {
namespace {

using testing::HasSubstr;

constexpr const char* kStep = "demo/01 memory.triad";
constexpr const char* kProfile = "schema: rackproof/profile/1\nname: demo\nrevision: 3\n";
constexpr const char* kInventory =
    R"({"host": {"hostname": "n1", "dmi": {"product_serial": "RACK-7"}},
        "devices": [{"id": "synthetic:0", "serial": "SYN-0001"},
                    {"id": "synthetic:9", "serial": "SYN-0009"}]})";

Plan demo_plan() {
  Plan plan;
  plan.profile = "demo";
  plan.profile_revision = 3;
  plan.profile_sha256 = hex(sha256(kProfile));
  plan.stages = {"demo"};
  plan.devices = {"synthetic:0"};
  plan.inventory = {{"accelerators of kind synthetic", "1", "1", true, ""}};
  plan.steps.push_back({.id = kStep, .stage = "demo", .stressor = "memory.triad"});
  plan.steps[0].devices = plan.devices;
  PlannedCriterion floor{.id = "memory.triad bandwidth floor", .step = kStep};
  floor.device = "synthetic:0";
  floor.metric = "bandwidth";
  floor.limit = 80;
  floor.uncertainty = 0.01;
  plan.criteria = {floor};
  return plan;
}

double measured_in(const Evidence& evidence) {
  return evidence.tasks.at(0).windows.at(0).metrics.at(0).median;
}

Verdict judged(double value, double u) {
  if (value - u >= 80) return Verdict::pass;
  return value + u < 80 ? Verdict::fail : Verdict::marginal;
}

// Stands for judge(): pure, and just enough of report.json for the checks that read it.
Json demo_report(const Plan& plan, const Evidence& evidence) {
  const double value = measured_in(evidence), u = 0.01 * value;
  const std::string verdict(name(judged(value, u)));
  Json row{{"id", plan.criteria[0].id},
           {"step", kStep},
           {"device", "synthetic:0"},
           {"metric", "bandwidth"},
           {"rule", "floor"},
           {"value", value},
           {"limit", 80.0},
           {"u", u},
           {"unit", "count"},
           {"decision", "guarded"},
           {"n", 1},
           {"verdict", verdict},
           {"required", true},
           {"integrity", false},
           {"physical", false},
           {"source", "a test"},
           {"reason", ""}};
  Json drill{{"device", "synthetic:0"}, {"stressor", "memory.triad"},
             {"injected", 4},           {"activated", 4},
             {"detected", 4},           {"localised", 4},
             {"verdict", "PASS"}};
  return {{"schema", "rackproof/report/1"},
          {"verdict", verdict},
          {"headline", verdict + ": 1 device"},
          {"criteria", {row}},
          {"tasks", {{{"step", kStep}, {"device", "synthetic:0"}, {"verdict", "PASS"}}}},
          {"drill", {drill}},
          {"coverage", Json::array()},
          {"inventory", {{{"name", plan.inventory[0].name}, {"met", true}}}},
          {"problems", Json::array()}};
}

std::string demo_text(const Evidence& evidence) {
  return fmt::format("bandwidth {}\n", measured_in(evidence));
}

Json task_record(const char* kind) {
  return {{"t", kind}, {"step", kStep}, {"device", "synthetic:0"}, {"attempt", 1}, {"at_s", 1.0}};
}

Json window_record(double value) {
  WindowRecord window;
  window.length_s = 1;
  window.bursts = 1;
  window.metrics = {summarize("bandwidth", {value})};
  Json record = to_json(window);
  record.update(task_record("window"));
  return record;
}

Json task_end() {
  Json record = task_record("task_end");
  record["outcome"] = "finished";
  record["detail"] = "";
  return record;
}

}  // namespace

JournalHead BundleForTest::record_run(const Plan& plan, Evidence& evidence) const {
  Genesis genesis;
  genesis.run_id = std::string(32, '1');
  genesis.nonce = nonce_;
  genesis.plan_sha256 = hex(sha256(bytes("plan.json")));
  genesis.profile_sha256 = plan.profile_sha256;
  genesis.inventory_sha256 = hex(sha256(bytes("inventory.json")));
  genesis.tool_sha256 = std::string(64, '2');
  genesis.station_key = key_.public_key().keyid();
  const Json end{
      {"t", "end"}, {"at_s", 2.0}, {"utc", "2025-01-01T00:00:02Z"}, {"interrupted", false}};
  EXPECT_TRUE(evidence.apply(to_json(genesis)));
  JournalWriter journal = JournalWriter::create(file("journal"), to_json(genesis).dump());
  std::vector<Json> records{task_record("task_start"), window_record(measured_), task_end()};
  for (const SegmentRecord& segment : segments_) {
    records.push_back(to_json(segment));
    records.back()["t"] = "segment";
  }
  records.push_back(end);
  for (const Json& record : records) {
    EXPECT_TRUE(evidence.apply(record));
    journal.append(record.dump());
  }
  if (sealed_) journal.seal(seal_);
  return journal.head();
}

void BundleForTest::build(bool with_signature) {
  const Plan plan = demo_plan();
  put("profile.yaml", kProfile);
  put("plan.json", to_json(plan).dump(1));
  put("inventory.json", kInventory);
  Evidence evidence;
  const JournalHead head = record_run(plan, evidence);
  Json report = demo_report(plan, evidence);
  edit_report_(report);
  before_finish_();
  const std::string text = demo_text(evidence);
  const auto done = finish_bundle(folder_.path(), {plan, evidence, report, text, head},
                                  with_signature ? &key_ : nullptr);
  ASSERT_TRUE(done) << done.error().text();
}

Trust BundleForTest::trust() const { return {.keys = {{"station", key_.public_key()}}}; }

VerifyHooks BundleForTest::hooks() {
  return {.judge = [](const Plan& plan, const Evidence& evidence) {
    return Rejudged{report_bytes(demo_report(plan, evidence)), demo_text(evidence)};
  }};
}

VerifyResult BundleForTest::verify() const {
  const Trust known = trust();
  return verify(&known);
}

VerifyResult BundleForTest::verify(const Trust* trust) const {
  return verify_bundle(folder_.path(), trust, hooks());
}

std::filesystem::path BundleForTest::file(const std::string& name) const { return folder_ / name; }

std::string BundleForTest::bytes(const std::string& name) const {
  return read_file(file(name)).value();
}

// Not write_file: its fsync would make a thousand tamperings slow.
void BundleForTest::put(const std::string& name, const std::string& bytes) const {
  std::ofstream(file(name), std::ios::binary | std::ios::trunc) << bytes;
}

void BundleForTest::flip_one_bit(const std::string& name) const {
  std::string changed = bytes(name);
  char& middle = changed.at(changed.size() / 2);
  middle = static_cast<char>(middle ^ 1);
  put(name, changed);
}

void BundleForTest::resum() const {
  put("SHA256SUMS", to_text(make_manifest(folder_.path()).value()));
}

std::string BundleForTest::line(int number) const {
  const std::string all = bytes("attestations.intoto.jsonl");
  const std::size_t first = all.find('\n');
  return number == 0 ? all.substr(0, first) : all.substr(first + 1, all.size() - first - 2);
}

void BundleForTest::put_lines(const std::string& first, const std::string& second) const {
  put("attestations.intoto.jsonl", first + "\n" + second + "\n");
}

std::string BundleForTest::signed_again(int number, const std::function<void(Json&)>& edit) const {
  Json statement = parse_json(parse_envelope(line(number))->unverified_payload).value();
  edit(statement);
  return to_json_line(sign_envelope(kPayloadType, statement.dump(), key_).value());
}

namespace {

class Bundle : public BundleForTest {};

TEST_F(Bundle, HoldsEverythingAndVerifies) {
  build();
  for (const char* name : {"report.json", "report.txt", "VERIFY.md", "verify.sh", "signer.pub.pem",
                           "SHA256SUMS", "attestations.intoto.jsonl"}) {
    EXPECT_TRUE(std::filesystem::exists(file(name))) << name;
  }
  struct stat status {};
  ASSERT_EQ(::stat(file("verify.sh").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0755u);
  EXPECT_EQ(verify().outcome, VerifyOutcome::verified) << verify().text();
}

TEST_F(Bundle, NamesTheKeyInItsGuide) {
  build();
  EXPECT_THAT(bytes("VERIFY.md"), HasSubstr(key_.public_key().fingerprint()));
  EXPECT_EQ(bytes("signer.pub.pem"), key_.public_key().pem());
}

TEST_F(Bundle, SaysThatItIsUnsignedInTheFirstLine) {
  build(false);
  EXPECT_THAT(bytes("VERIFY.md"), testing::StartsWith("# UNSIGNED"));
  EXPECT_FALSE(std::filesystem::exists(file("attestations.intoto.jsonl")));
  EXPECT_FALSE(std::filesystem::exists(file("signer.pub.pem")));
}

TEST_F(Bundle, IsNotSignedTwice) {
  build();
  const Plan plan = demo_plan();
  const Evidence evidence;
  const Json report;
  const auto again = finish_bundle(folder_.path(), {plan, evidence, report, "", {}}, &key_);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().text(), HasSubstr("signed already"));
}

TEST_F(Bundle, IsNotFinishedWithoutTheRunnersFiles) {
  const Plan plan = demo_plan();
  const Evidence evidence;
  const Json report;
  const auto done = finish_bundle(folder_.path(), {plan, evidence, report, "", {}}, &key_);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().text(), HasSubstr("plan.json: missing from the bundle"));
}

TEST_F(Bundle, IsNotFinishedWhenAFileCannotBeStored) {
  put("plan.json", "{}");
  put("inventory.json", "{}");
  put("journal", "");
  std::filesystem::create_directories(file("report.txt") / "in the way");
  const Plan plan = demo_plan();
  const Evidence evidence;
  const Json report;
  const auto done = finish_bundle(folder_.path(), {plan, evidence, report, "", {}}, nullptr);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().text(), HasSubstr("report.txt: cannot write"));
}

TEST_F(Bundle, IsNotSignedWhenTheReportLacksItsVerdict) {
  const Plan plan = demo_plan();
  put("plan.json", "{}");
  put("inventory.json", "{}");
  put("journal", "");
  const Evidence evidence;
  const Json report = Json::object();
  const auto done = finish_bundle(folder_.path(), {plan, evidence, report, "", {}}, &key_);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().text(), HasSubstr("the report cannot be signed"));
  EXPECT_FALSE(std::filesystem::exists(file("attestations.intoto.jsonl")));
}

}  // namespace
}  // namespace rackproof
