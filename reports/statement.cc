// SPDX-License-Identifier: Apache-2.0
#include "reports/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/verdict.h"

namespace rackproof {
namespace {

constexpr std::string_view kCriterionFields[] = {"step",  "metric", "rule", "value", "unit",
                                                 "limit", "source", "u",    "n",     "verdict"};
constexpr std::string_view kDeviceFields[] = {"id", "name", "serial", "uuid", "bdf", "driver"};
constexpr std::string_view kHostFields[] = {"product_name", "product_serial", "board_serial",
                                            "chassis_serial", "bios_version"};

Json sha256_digest(const std::string& digits) { return Json{{"sha256", digits}}; }

Json subject_list(const std::vector<FileDigest>& files) {
  Json subjects = Json::array();
  for (const FileDigest& file : files) {
    subjects.push_back({{"name", file.path}, {"digest", sha256_digest(hex(file.digest))}});
  }
  return subjects;
}

Json statement(const StatementFacts& facts, std::string_view type, Json predicate) {
  return Json{{"_type", kStatementType},
              {"subject", subject_list(facts.files)},
              {"predicateType", type},
              {"predicate", std::move(predicate)}};
}

template <class Names>
Json pick(const Json& object, const Names& names) {
  Json picked = Json::object();
  for (const std::string_view name : names) {
    const auto found = object.find(name);
    if (found != object.end() && *found != "") picked[std::string(name)] = *found;
  }
  return picked;
}

const Json& member(const Json& object, const char* name) {
  static const Json kNothing = Json::object();
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? *found : kNothing;
}

Json criterion_row(const Json& row) {
  Json picked = pick(row, kCriterionFields);
  picked["name"] = row.at("id");
  picked["target"] = row.at("device");
  return picked;
}

Json criterion_rows(const Json& report) {
  Json rows = Json::array();
  for (const Json& row : report.at("criteria")) rows.push_back(criterion_row(row));
  return rows;
}

bool takes_part(const Json& device, const Plan& plan) {
  return device.is_object() && device.contains("id") &&
         std::ranges::any_of(plan.devices, [&](const auto& id) { return device.at("id") == id; });
}

Json unit_identity(const StatementFacts& facts) {
  const Json& host = member(facts.inventory, "host");
  Json unit = pick(member(host, "dmi"), kHostFields);
  if (host.contains("hostname")) unit["hostname"] = host.at("hostname");
  unit["inventory"] = {{"digest", sha256_digest(facts.evidence.genesis.inventory_sha256)}};
  unit["devices"] = Json::array();
  for (const Json& device : member(facts.inventory, "devices")) {
    if (takes_part(device, facts.plan)) unit["devices"].push_back(pick(device, kDeviceFields));
  }
  return unit;
}

Json environment_events(const Evidence& evidence) {
  Json events = Json::array();
  for (const EventRecord& event : evidence.events) {
    if (event.kind == "environment") events.push_back(event.text);
  }
  for (const ConditionRecord& condition : evidence.conditions) {
    events.push_back(condition.when + ": " + describe(condition));
  }
  return events;
}

Json run_facts(const StatementFacts& facts) {
  const Genesis& genesis = facts.evidence.genesis;
  Json run{{"run_id", genesis.run_id},
           {"attempt", genesis.attempt},
           {"operator", genesis.operator_name},
           {"started", genesis.started},
           {"ended", facts.evidence.ended},
           {"duration_s", facts.evidence.duration_s},
           {"boot_id", genesis.boot_id},
           {"station", {{"name", genesis.station}, {"key", genesis.station_key}}}};
  if (!genesis.nonce.empty()) run["nonce"] = genesis.nonce;
  if (!genesis.previous_sha256.empty()) run["previous"] = sha256_digest(genesis.previous_sha256);
  return run;
}

Json qualification_predicate(const StatementFacts& facts) {
  const Genesis& genesis = facts.evidence.genesis;
  Json predicate = run_facts(facts);
  predicate["unit"] = unit_identity(facts);
  predicate["profile"] = {{"name", facts.plan.profile},
                          {"revision", facts.plan.profile_revision},
                          {"digest", sha256_digest(genesis.profile_sha256)}};
  predicate["plan"] = {{"digest", sha256_digest(genesis.plan_sha256)}};
  predicate["tool"] = {{"version", genesis.tool_version},
                       {"digest", sha256_digest(genesis.tool_sha256)}};
  predicate["environment"] = environment_events(facts.evidence);
  predicate["verdict"] = facts.report.at("verdict");
  predicate["headline"] = facts.report.at("headline");
  predicate["criteria"] = criterion_rows(facts.report);
  predicate["drill"] = facts.report.at("drill");
  predicate["coverage"] = facts.report.at("coverage");
  predicate["inventory"] = facts.report.at("inventory");
  predicate["journal"] = {{"count", facts.journal.count}, {"hash", hex(facts.journal.hash)}};
  predicate["waivers"] = Json::array();
  return predicate;
}

std::string result_word(const std::string& verdict) {
  if (verdict == name(Verdict::pass)) return "PASSED";
  return verdict == name(Verdict::marginal) ? "WARNED" : "FAILED";
}

// The list that a criterion belongs in; null when it was not measured.
const char* result_list(const Json& row) {
  if (!row.contains("value") || row.at("verdict") == name(Verdict::incomplete)) return nullptr;
  const std::string word = result_word(row.at("verdict"));
  if (word == "PASSED") return "passedTests";
  return word == "WARNED" ? "warnedTests" : "failedTests";
}

Json configuration(const StatementFacts& facts) {
  const Genesis& genesis = facts.evidence.genesis;
  Json list = Json::array();
  const auto add = [&](const std::string& what, const std::string& digits) {
    if (!digits.empty()) list.push_back({{"name", what}, {"digest", sha256_digest(digits)}});
  };
  add("profile.yaml", genesis.profile_sha256);
  add("plan.json", genesis.plan_sha256);
  add("rackproof " + genesis.tool_version, genesis.tool_sha256);
  return list;
}

std::string test_name(const Json& row) {
  return fmt::format("{} on {} in {}", row.at("id").get<std::string>(),
                     row.at("device").get<std::string>(), row.value("step", "no step"));
}

Json test_result_predicate(const StatementFacts& facts) {
  Json predicate{{"result", result_word(facts.report.at("verdict"))},
                 {"configuration", configuration(facts)},
                 {"passedTests", Json::array()},
                 {"warnedTests", Json::array()},
                 {"failedTests", Json::array()}};
  for (const Json& row : facts.report.at("criteria")) {
    const char* list = result_list(row);
    if (list != nullptr) predicate[list].push_back(test_name(row));
  }
  return predicate;
}

FileDigest subject_from(const Json& subject) {
  const Json& digest = subject.at("digest");
  if (!digest.is_object() || digest.size() != 1 || !digest.contains("sha256")) {
    throw std::invalid_argument("a subject's digest must be one sha256");
  }
  const auto value = parse_sha256(digest.at("sha256").get<std::string>());
  if (!value) throw std::invalid_argument(value.error().message);
  return {subject.at("name").get<std::string>(), *value};
}

}  // namespace

Expected<Json> qualification(const StatementFacts& facts) {
  try {
    return statement(facts, kQualificationType, qualification_predicate(facts));
  } catch (const std::exception& problem) {
    return fail(fmt::format("the report cannot be signed: {}", problem.what()));
  }
}

Expected<Json> test_result(const StatementFacts& facts) {
  try {
    return statement(facts, kTestResultType, test_result_predicate(facts));
  } catch (const std::exception& problem) {
    return fail(fmt::format("the report cannot be signed: {}", problem.what()));
  }
}

Expected<std::vector<FileDigest>> subjects_of(const Json& statement) {
  try {
    std::vector<FileDigest> subjects;
    for (const Json& subject : statement.at("subject")) subjects.push_back(subject_from(subject));
    return subjects;
  } catch (const std::exception& problem) {
    return fail(fmt::format("the statement's subjects are malformed: {}", problem.what()));
  }
}

std::vector<std::string> serials_of(const Json& inventory, const Plan& plan) {
  std::vector<std::string> serials;
  const auto add = [&](const Json& serial) {
    if (serial.is_string() && serial != "") serials.push_back(serial.get<std::string>());
  };
  const Json& dmi = member(member(inventory, "host"), "dmi");
  for (const char* field : {"product_serial", "board_serial", "chassis_serial"}) {
    add(member(dmi, field));
  }
  for (const Json& device : member(inventory, "devices")) {
    if (takes_part(device, plan)) add(member(device, "serial"));
  }
  return serials;
}

}  // namespace rackproof
