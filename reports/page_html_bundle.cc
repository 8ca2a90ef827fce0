// SPDX-License-Identifier: Apache-2.0
#include "reports/page_html_bundle.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "reports/key.h"
#include "reports/page_html.h"
#include "reports/page_html_fields.h"
#include "reports/report_schema.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = "rackproof/report/1";
constexpr std::size_t kFieldsNamed = 5;
constexpr const char* kNotVerified =
    "This copy of the page was made by \"rackproof report\". Nothing was verified: whether the "
    "bundle is signed, whole and unchanged, and whether its verdict follows from what was "
    "measured, only \"rackproof verify\" says.";

// Names in the report that its schema here does not have: a newer version's.
void collect_unknown(const Json& value, const Json& schema, std::set<std::string>& unknown) {
  if (value.is_array()) {
    for (const Json& item : value) collect_unknown(item, field(schema, "items"), unknown);
  }
  const Json& properties = field(schema, "properties");
  if (!value.is_object() || !properties.is_object()) return;
  for (const auto& [key, member] : value.items()) {
    if (!properties.contains(key))
      unknown.insert(key);
    else
      collect_unknown(member, properties.at(key), unknown);
  }
}

std::string unknown_fields(const Json& report) {
  const auto schema = parse_json(report_schema());
  if (!schema) return {};
  std::set<std::string> unknown;
  collect_unknown(report, *schema, unknown);
  if (unknown.empty()) return {};
  const std::size_t shown = std::min(unknown.size(), kFieldsNamed);
  return fmt::format("{}{}", fmt::join(unknown.begin(), std::next(unknown.begin(), shown), ", "),
                     unknown.size() > shown ? ", ..." : "");
}

std::string made_by(const Json& report) {
  const std::string version = text(field(report, "run"), "tool_version");
  return version.empty() ? "another rackproof" : "rackproof " + version;
}

Expected<void> check_schema(const Json& report) {
  const std::string schema = text(report, "schema");
  if (schema == kSchema) return {};
  const std::string message =
      schema.empty()
          ? fmt::format("not a report of rackproof: its \"schema\" should be \"{}\"", kSchema)
          : fmt::format("of schema {}, and this rackproof reads {} only; use {}, which made it",
                        schema, kSchema, made_by(report));
  return tl::unexpected(Error{message, "report.json"});
}

std::string notice_for(const Json& report) {
  const std::string unknown = unknown_fields(report);
  if (unknown.empty()) return kNotVerified;
  return fmt::format(
      "{} The report was made by {} and holds what is not known here and left out: "
      "{}.",
      kNotVerified, made_by(report), unknown);
}

tl::unexpected<Error> named(Error error, const fs::path& path) {
  error.file = path.string();
  return tl::unexpected(std::move(error));
}

tl::unexpected<Refusal> page_differs(const std::string& message) {
  return refuse(VerifyOutcome::verdict_differs, message);
}

int first_different_line(std::string_view a, std::string_view b) {
  const auto at = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  return 1 + static_cast<int>(std::count(a.begin(), at, '\n'));
}

Checked<void> compare_data(const BundleContents& contents) {
  const auto embedded = report_in_page(contents.report_html, "report.html");
  if (!embedded) return refuse(VerifyOutcome::malformed, embedded.error().text());
  const auto report = parse_json(contents.report_json, "report.json");
  if (!report) return refuse(VerifyOutcome::malformed, report.error().text());
  if (*embedded != *report)
    return page_differs("report.html shows another report than report.json");
  return {};
}

}  // namespace

Expected<std::string> render_page(const PageSources& sources) {
  const auto report = parse_json(sources.report_json, "report.json");
  if (!report) return tl::unexpected(report.error());
  const auto inventory = parse_json(sources.inventory_json, "inventory.json");
  if (!inventory) return tl::unexpected(inventory.error());
  PageFacts facts{*report, *inventory, read_plots(sources.bundle, *report), "", "", sources.notice};
  if (!sources.signer_pem.empty()) {
    const auto key = PublicKey::from_pem(sources.signer_pem, "signer.pub.pem");
    if (!key) return tl::unexpected(key.error());
    facts.fingerprint = key->fingerprint();
    facts.key_algorithm = key->algorithm();
  }
  return page_html(facts);
}

Expected<std::string> page_again(const fs::path& bundle) {
  PageSources sources{bundle, {}, {}, {}};
  for (auto [name, into] : {std::pair("report.json", &sources.report_json),
                            std::pair("inventory.json", &sources.inventory_json)}) {
    auto bytes = read_file(bundle / name);
    if (!bytes) return tl::unexpected(bytes.error());
    *into = *std::move(bytes);
  }
  const auto report = parse_json(sources.report_json, (bundle / "report.json").string());
  if (!report) return tl::unexpected(report.error());
  if (const auto known = check_schema(*report); !known)
    return named(known.error(), bundle / "report.json");
  std::error_code none;
  if (fs::exists(bundle / "attestations.intoto.jsonl", none)) {
    auto pem = read_file(bundle / "signer.pub.pem", 1u << 16);
    if (pem) sources.signer_pem = *std::move(pem);
  }
  sources.notice = notice_for(*report);
  auto page = render_page(sources);
  if (!page) page.error().file = (bundle / page.error().file).string();
  return page;
}

Checked<void> check_page(const fs::path& bundle, const BundleContents& contents,
                         const std::string& own_version) {
  if (contents.report_html.empty()) return {};
  const auto same = compare_data(contents);
  if (!same || contents.evidence.genesis.tool_version != own_version) return same;
  const auto again =
      render_page({bundle, contents.report_json, contents.inventory_json, contents.signer_pem});
  if (!again) return refuse(VerifyOutcome::malformed, again.error().text());
  if (*again != contents.report_html) {
    return page_differs(fmt::format("report.html differs from what report.json makes at line {}",
                                    first_different_line(contents.report_html, *again)));
  }
  return {};
}

}  // namespace rackproof
