// SPDX-License-Identifier: Apache-2.0
// `rackproof verify BUNDLE`: signatures, files, journal, verdict recomputed, policy.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/print.h"
#include "app/recheck.h"
#include "core/hash.h"
#include "core/json.h"

namespace rackproof {
namespace {

constexpr const char* kCodes =
    "Exit codes: the verdict's own (0 PASS ... 5 ERROR) when all holds; 10 all holds, but no trust "
    "file says whose\n"
    "key counts; 11 signature; 12 files; 13 journal; 14 verdict does not follow; 15 policy; 16 "
    "malformed; 17 unsigned.\n";

// The SHA-256 of the program that a report names; "": it names none. A report may hold anything.
std::string builder_of(const Json& report) {
  const auto at = "/digests/tool_sha256"_json_pointer;
  if (!report.contains(at) || !report.at(at).is_string()) return "";
  const auto digest = report.at(at).get<std::string>();
  const bool hex_alone = digest.find_first_not_of("0123456789abcdef") == std::string::npos;
  return digest.size() == 64 && hex_alone ? digest : "";
}

// A report is compared byte by byte, so that another build's words differ where no number does.
std::string note_on_build(const std::string& bundle) {
  const auto bytes = read_file(std::filesystem::path(bundle) / "report.json");
  const auto report = bytes ? parse_json(*bytes) : tl::unexpected(bytes.error());
  const auto own = sha256_file("/proc/self/exe");
  if (!report || !own) return "";
  const std::string made_by = builder_of(*report);
  if (made_by.empty() || made_by == hex(*own)) return "";
  return fmt::format(
      "note: another build made this bundle (SHA-256 {}), whose words may differ where no number "
      "does: verify it with that build, `rackproof version` tells its SHA-256",
      made_by);
}

int verify(const std::string& bundle, const std::string& trust_file) {
  std::optional<Trust> trust;
  if (!trust_file.empty()) {
    auto loaded = load_trust(trust_file);
    if (!loaded) return complain(loaded.error());
    trust = *std::move(loaded);
  }
  const VerifyResult result = verify_bundle(bundle, trust ? &*trust : nullptr, verify_hooks());
  print(result.text());
  const bool differs = result.outcome == VerifyOutcome::verdict_differs;
  if (const std::string note = differs ? note_on_build(bundle) : ""; !note.empty()) print(note);
  return result.exit_code();
}

}  // namespace

void add_verify(CLI::App& app, int& exit_code) {
  struct Options {
    std::string bundle, trust;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("verify", "check a bundle from its signatures down to its verdict");
  command->add_option("BUNDLE", options->bundle, "the run's folder")
      ->required()
      ->check(CLI::ExistingDirectory)
      ->type_name("");
  command
      ->add_option("--trust", options->trust,
                   "TRUST.yaml: whose keys count, which profiles, serials, nonce")
      ->type_name("FILE");
  command->footer(kCodes);
  command->callback([options, &exit_code] { exit_code = verify(options->bundle, options->trust); });
}

}  // namespace rackproof
