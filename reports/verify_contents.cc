// SPDX-License-Identifier: Apache-2.0
// verify_bundle's middle: files, journal, and that they belong to each other.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/verify_steps.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Refusal> files_differ(const std::vector<Error>& problems) {
  std::string text;
  for (const Error& problem : problems) text += (text.empty() ? "" : "; ") + problem.text();
  return refuse(VerifyOutcome::files_differ, text);
}

Checked<std::string> read_manifest(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(path, ignored);
  if (!fs::exists(status)) return refuse(VerifyOutcome::files_differ, "SHA256SUMS: missing");
  if (!fs::is_regular_file(status)) {
    return refuse(VerifyOutcome::files_differ, "SHA256SUMS: not a plain file");
  }
  auto bytes = read_file(path, 64u << 20);
  if (!bytes) return refuse(VerifyOutcome::files_differ, bytes.error().text());
  return *std::move(bytes);
}

Checked<void> compare_subjects(const std::string& text, const std::vector<FileDigest>& subjects) {
  if (subjects.empty() ||
      subjects.front() != FileDigest{std::string(kManifestName), sha256(text)}) {
    return refuse(VerifyOutcome::files_differ, "SHA256SUMS is not the one that was signed");
  }
  return {};
}

// A file's bytes, hashed again as read, so that what is parsed is what was signed.
class Reader {
 public:
  Reader(const fs::path& folder, const std::vector<FileDigest>& manifest)
      : folder_(folder), manifest_(manifest) {}

  void read(const char* name, std::string& bytes) {
    const auto entry = std::ranges::find(manifest_, name, &FileDigest::path);
    if (entry == manifest_.end()) return refuse_file(name, "not in the manifest");
    auto got = read_file(folder_ / name);
    if (!got) return refuse_file(name, got.error().message);
    if (sha256(*got) != entry->digest) return refuse_file(name, "changed while being read");
    bytes = *std::move(got);
  }
  [[nodiscard]] const std::vector<Error>& problems() const { return problems_; }

 private:
  void refuse_file(const char* name, std::string why) {
    problems_.push_back({std::move(why), name});
  }

  const fs::path& folder_;
  const std::vector<FileDigest>& manifest_;
  std::vector<Error> problems_;
};

tl::unexpected<Refusal> journal_broken(std::string message) {
  return refuse(VerifyOutcome::journal_broken, std::move(message));
}

Expected<void> apply(Evidence& evidence, const std::string& record, bool first) {
  const auto json = parse_json(record);
  if (!json) return tl::unexpected(json.error());
  if (!json->is_object()) return fail("not an object");
  if ((json->value("t", Json()) == "genesis") != first) return fail("a genesis out of its place");
  return evidence.apply(*json);
}

// The seal's own words: nothing that was measured, but a verdict to compare.
Checked<void> read_seal(const std::string& record, BundleContents& contents) {
  const auto json = parse_json(record);
  if (!json || !json->is_object()) return journal_broken("the journal's seal is not a JSON object");
  if (json->value("t", Json()) == "end") {
    const auto applied = contents.evidence.apply(*json);
    if (!applied) return journal_broken("the journal's seal: " + applied.error().text());
  }
  const Json verdict = json->value("verdict", Json(""));
  if (!verdict.is_string()) return journal_broken("the journal's seal names no verdict by a word");
  contents.sealed_verdict = verdict.get<std::string>();
  return {};
}

Checked<void> replay(const JournalContents& journal, BundleContents& contents) {
  for (std::size_t i = 0; i + 1 < journal.records.size(); ++i) {
    const auto applied = apply(contents.evidence, journal.records[i], i == 0);
    if (!applied) {
      return journal_broken(fmt::format("journal record {}: {}", i, applied.error().text()));
    }
  }
  contents.head = journal.head;
  return read_seal(journal.records.back(), contents);
}

Checked<void> read_journal_into(BundleContents& contents, const fs::path& path) {
  const auto journal = read_journal(path);
  if (!journal) return journal_broken(journal.error().message);
  if (!journal->sealed) {
    return journal_broken("the journal is not sealed: its run never ended, or its end was cut off");
  }
  return replay(*journal, contents);
}

// The journal's first record names what it was recorded for.
Checked<void> compare_genesis(const BundleContents& contents) {
  const Genesis& genesis = contents.evidence.genesis;
  const auto differs = [](const std::string& bytes, const std::string& digest) {
    return hex(sha256(bytes)) != digest;
  };
  if (differs(contents.plan_json, genesis.plan_sha256)) {
    return journal_broken("plan.json is not the plan that the journal was recorded for");
  }
  if (differs(contents.inventory_json, genesis.inventory_sha256)) {
    return journal_broken("inventory.json is not the one that the journal was recorded for");
  }
  if (genesis.profile_sha256 != contents.plan.profile_sha256) {
    return journal_broken("plan.json and the journal name different profiles");
  }
  if (!genesis.profile_sha256.empty() && differs(contents.profile_yaml, genesis.profile_sha256)) {
    return journal_broken("profile.yaml is not the one that the journal was recorded for");
  }
  return {};
}

Checked<void> parse_plan(BundleContents& contents) {
  const auto json = parse_json(contents.plan_json, "plan.json");
  if (!json) return refuse(VerifyOutcome::malformed, json.error().text());
  auto plan = plan_from_json(*json);
  if (!plan) return refuse(VerifyOutcome::malformed, "plan.json: " + plan.error().text());
  if (to_json(*plan) != *json) {
    return refuse(VerifyOutcome::malformed, "plan.json holds what no plan of this version holds");
  }
  contents.plan = *std::move(plan);
  return {};
}

}  // namespace

Checked<std::vector<FileDigest>> check_files(const fs::path& folder,
                                             const std::vector<FileDigest>* subjects) {
  const auto text = read_manifest(folder / kManifestName);
  if (!text) return tl::unexpected(text.error());
  if (subjects != nullptr) {
    const auto same = compare_subjects(*text, *subjects);
    if (!same) return tl::unexpected(same.error());
  }
  auto manifest = parse_manifest(*text, std::string(kManifestName));
  if (!manifest) return refuse(VerifyOutcome::malformed, manifest.error().text());
  if (subjects != nullptr &&
      !std::equal(subjects->begin() + 1, subjects->end(), manifest->begin(), manifest->end())) {
    return refuse(VerifyOutcome::files_differ, "the signed subjects are not those of SHA256SUMS");
  }
  const std::vector<Error> problems = compare_files(folder, *manifest);
  if (!problems.empty()) return files_differ(problems);
  return *std::move(manifest);
}

Checked<BundleContents> read_contents(const fs::path& folder,
                                      const std::vector<FileDigest>& manifest) {
  BundleContents contents;
  Reader reader(folder, manifest);
  reader.read("plan.json", contents.plan_json);
  reader.read("inventory.json", contents.inventory_json);
  reader.read("report.json", contents.report_json);
  reader.read("report.txt", contents.report_text);
  const auto read_if_there = [&](const char* name, std::string& bytes) {
    const auto entry = std::ranges::find(manifest, name, &FileDigest::path);
    if (entry != manifest.end()) reader.read(name, bytes);
  };
  read_if_there("profile.yaml", contents.profile_yaml);
  read_if_there("report.html", contents.report_html);
  read_if_there("signer.pub.pem", contents.signer_pem);
  if (!reader.problems().empty()) return files_differ(reader.problems());
  auto done = parse_plan(contents);
  if (done) done = read_journal_into(contents, folder / "journal");
  if (done) done = compare_genesis(contents);
  if (!done) return tl::unexpected(done.error());
  return contents;
}

}  // namespace rackproof
