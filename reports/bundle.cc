// SPDX-License-Identifier: Apache-2.0
#include "reports/bundle.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reports/dsse.h"
#include "reports/manifest.h"
#include "reports/page_html_bundle.h"
#include "reports/statement.h"
#include "reports/verify_guide.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> refuse(const char* what, const fs::path& path) {
  return tl::unexpected(Error{what, path.string()});
}

Expected<void> check_folder(const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(folder / kAttestationsName, ignored))) {
    return refuse("the bundle is signed already", folder / kAttestationsName);
  }
  for (const char* name : {"plan.json", "inventory.json", "journal"}) {
    if (!fs::exists(folder / name, ignored))
      return refuse("missing from the bundle", folder / name);
  }
  return {};
}

Expected<void> make_executable(const fs::path& path) {
  std::error_code problem;
  using fs::perms;
  const perms run = perms::owner_exec | perms::group_exec | perms::others_exec;
  fs::permissions(path, run, fs::perm_options::add, problem);
  if (problem) return refuse("cannot make it executable", path);
  return {};
}

Expected<void> write_page(const fs::path& folder, const FinishedRun& run, std::string signer_pem) {
  const auto inventory = read_file(folder / "inventory.json");
  if (!inventory) return tl::unexpected(inventory.error());
  const auto page =
      render_page({folder, report_bytes(run.report), *inventory, std::move(signer_pem)});
  return page ? write_file(folder / "report.html", *page) : tl::unexpected(page.error());
}

// Everything that the manifest will cover.
Expected<void> write_pages(const fs::path& folder, const FinishedRun& run,
                           const SigningKey* signer) {
  const auto key = signer != nullptr ? std::optional(signer->public_key()) : std::nullopt;
  Expected<void> done = write_file(folder / "report.json", report_bytes(run.report));
  const auto then = [&](const char* name, const std::string& bytes) {
    if (done) done = write_file(folder / name, bytes);
  };
  then("report.txt", std::string(run.report_text));
  if (done) done = write_page(folder, run, key ? key->pem() : "");
  then("VERIFY.md", verify_page(key ? &*key : nullptr));
  then("verify.sh", verify_script());
  if (key) then("signer.pub.pem", key->pem());
  return done ? make_executable(folder / "verify.sh") : done;
}

Expected<std::vector<FileDigest>> write_manifest(const fs::path& folder) {
  auto files = make_manifest(folder);
  if (!files) return files;
  const std::string text = to_text(*files);
  const auto written = write_file(folder / kManifestName, text);
  if (!written) return tl::unexpected(written.error());
  files->insert(files->begin(), {std::string(kManifestName), sha256(text)});
  return files;
}

Expected<std::string> signed_line(const Expected<Json>& statement, const SigningKey& signer) {
  if (!statement) return tl::unexpected(statement.error());
  const auto envelope = sign_envelope(kPayloadType, statement->dump(), signer);
  if (!envelope) return tl::unexpected(envelope.error());
  return to_json_line(*envelope) + "\n";
}

Expected<void> write_attestations(const fs::path& folder, const StatementFacts& facts,
                                  const SigningKey& signer) {
  const auto first = signed_line(qualification(facts), signer);
  if (!first) return tl::unexpected(first.error());
  const auto second = signed_line(test_result(facts), signer);
  if (!second) return tl::unexpected(second.error());
  return write_file(folder / kAttestationsName, *first + *second);
}

Expected<Json> read_json(const fs::path& path) {
  const auto bytes = read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  return parse_json(*bytes, path.string());
}

}  // namespace

std::string report_bytes(const Json& report) {
  return report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Expected<void> finish_bundle(const fs::path& folder, const FinishedRun& run,
                             const SigningKey* signer) {
  const auto ready = check_folder(folder);
  if (!ready) return ready;
  const auto pages = write_pages(folder, run, signer);
  if (!pages) return pages;
  const auto files = write_manifest(folder);
  if (!files) return tl::unexpected(files.error());
  if (signer == nullptr) return {};
  const auto inventory = read_json(folder / "inventory.json");
  if (!inventory) return tl::unexpected(inventory.error());
  return write_attestations(
      folder, {run.plan, run.evidence, run.report, *inventory, run.journal, *files}, *signer);
}

}  // namespace rackproof
