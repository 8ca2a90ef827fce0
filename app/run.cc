// SPDX-License-Identifier: Apache-2.0
// `rackproof run`: qualify, judge, sign. The main job.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

#include "app/campaign.h"
#include "app/choose.h"
#include "app/commands.h"
#include "app/print.h"
#include "app/stop.h"
#include "core/json.h"

namespace rackproof {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  rackproof run                                       the best fitting profile, signed with "
    "this station's key\n"
    "  rackproof run generic-host --stage screen --out DIR\n"
    "  rackproof run synthetic-rack --synthetic 'rack nodes=4 devices=8'\n"
    "  rackproof run --key station.pem --nonce 6b1f...     the customer's nonce seeds every "
    "pattern\n"
    "  rackproof run --resume DIR                          go on after a crash or a reboot\n";

struct RunOptions {
  std::string profile, folder, key, nonce, operator_name, resume;
  std::vector<std::string> stages;
  bool is_unsigned = false, keep_going = false, quiet = false, json = false, dry_run = false;
};

std::string default_folder() {
  const std::time_t now = std::time(nullptr);
  return fmt::format("rackproof-{:%Y%m%dT%H%M%SZ}", fmt::gmtime(now));
}

Expected<void> check_nonce(const std::string& nonce) {
  const bool hex = nonce.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (nonce.empty() || (hex && nonce.size() >= 16 && nonce.size() % 2 == 0)) return {};
  return fail("--nonce takes at least 16 lower-case hex digits, an even number of them");
}

// It goes into the journal, whose records are JSON.
Expected<void> check_operator(const std::string& name) {
  if (parse_json(Json(name).dump(-1, ' ', false, Json::error_handler_t::replace)).value() == name)
    return {};
  return fail("--operator takes UTF-8 text");
}

Expected<std::optional<SigningKey>> signer_for(const RunOptions& options) {
  if (options.is_unsigned) return std::nullopt;
  auto key = options.key.empty() ? station_key() : SigningKey::load(options.key);
  if (!key) return tl::unexpected(key.error());
  return *std::move(key);
}

Expected<CampaignOptions> campaign_options(const RunOptions& options) {
  CampaignOptions campaign;
  if (auto good = check_nonce(options.nonce); !good) return tl::unexpected(good.error());
  if (auto good = check_operator(options.operator_name); !good) return tl::unexpected(good.error());
  auto signer = signer_for(options);
  if (!signer) return tl::unexpected(signer.error());
  campaign.signer = *std::move(signer);
  campaign.nonce = options.nonce;
  campaign.operator_name = options.operator_name;
  campaign.keep_going = options.keep_going;
  campaign.talk = options.json ? Talk::json : options.quiet ? Talk::quiet : Talk::lines;
  return campaign;
}

int run(const RunOptions& options, const RackOptions& rack) {
  stop_on_signals();
  auto campaign = campaign_options(options);
  if (!campaign) return complain(campaign.error());
  if (!options.resume.empty()) {
    campaign->folder = options.resume;
    return run_resumed(*std::move(campaign));
  }
  const auto planned = plan_for(options.profile, options.stages, rack);
  if (!planned) return complain(planned.error());
  if (options.dry_run) {
    options.json ? print(to_json(planned->plan)) : print(describe(planned->plan));
    return 0;
  }
  if (campaign->talk == Talk::lines) {
    print(fmt::format("profile {} revision {}{}", planned->plan.profile,
                      planned->plan.profile_revision,
                      planned->why.empty() ? "" : ": " + planned->why));
    if (campaign->signer) print("station key " + campaign->signer->public_key().fingerprint());
  }
  campaign->folder = options.folder.empty() ? default_folder() : options.folder;
  campaign->specs = rack.specs();
  campaign->backends = rack.only;
  campaign->profile_yaml = planned->profile.resolved_yaml;
  return run_new(planned->plan, planned->rack, *campaign);
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<RunOptions>();
  const char* user = std::getenv("USER");
  options->operator_name = user == nullptr ? "" : user;
  CLI::App* command = app.add_subcommand("run", "qualify: run a profile's stages, judge, sign");
  auto* profile = command->add_option("PROFILE", options->profile,
                                      "a profile's name or file; without it the best fitting one");
  auto* stage = command->add_option("--stage", options->stages,
                                    "only these stages (default: the profile's own choice)");
  auto* out = command->add_option("--out", options->folder,
                                  "the bundle's folder; must not exist or be empty");
  auto* key = command->add_option("--key", options->key,
                                  "signing key: a file, or a URI such as handle: or pkcs11:");
  command->add_flag("--unsigned", options->is_unsigned, "do not sign; the bundle says so")
      ->excludes(key);
  auto* nonce =
      command->add_option("--nonce", options->nonce,
                          "hex digits drawn by the customer; every pattern derives from them");
  command->add_option("--operator", options->operator_name, "who runs this (default: $USER)");
  auto* resume =
      command
          ->add_option("--resume", options->resume, "go on with an unfinished run in this folder")
          ->check(CLI::ExistingDirectory);
  auto* keep_going = command->add_flag(
      "--keep-going", options->keep_going,
      "test what is there although the inventory is wrong; the verdict stays FAIL");
  auto* dry_run = command->add_flag("--dry-run", options->dry_run, "print the plan and end");
  command->add_flag("--quiet", options->quiet, "only the verdict");
  command->add_flag("--json", options->json, "report.json on stdout and nothing else");
  const auto rack = add_rack_options(*command);
  // A resumed run asks what it asked when it was begun.
  for (auto* asked : {profile, stage, out, nonce, keep_going, dry_run}) resume->excludes(asked);
  for (const char* asked : {"--synthetic", "--backend"})
    resume->excludes(command->get_option(asked));
  command->footer(kExamples);
  command->callback([options, rack, &exit_code] { exit_code = run(*options, *rack); });
}

}  // namespace rackproof
