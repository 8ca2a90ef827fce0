// SPDX-License-Identifier: Apache-2.0
// `rackproof verify BUNDLE`: signatures, files, journal, verdict recomputed, policy.
#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/print.h"
#include "app/recheck.h"

namespace rackproof {
namespace {

constexpr const char* kCodes =
    "Exit codes: the verdict's own (0 PASS ... 5 ERROR) when all holds; 10 all holds, but no trust "
    "file says whose\n"
    "key counts; 11 signature; 12 files; 13 journal; 14 verdict does not follow; 15 policy; 16 "
    "malformed; 17 unsigned.\n";

int verify(const std::string& bundle, const std::string& trust_file) {
  std::optional<Trust> trust;
  if (!trust_file.empty()) {
    auto loaded = load_trust(trust_file);
    if (!loaded) return complain(loaded.error());
    trust = *std::move(loaded);
  }
  const VerifyResult result = verify_bundle(bundle, trust ? &*trust : nullptr, verify_hooks());
  print(result.text());
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
