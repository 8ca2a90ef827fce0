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
#include "app/environment.h"
#include "app/print.h"
#include "app/stop.h"
#include "core/json.h"
#include "core/units.h"

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
  std::string profile, folder, key, nonce, operator_name, resume, sensor_rate, root;
  std::vector<std::string> stages;
  bool is_unsigned = false, keep_going = false, dry_run = false;
  std::shared_ptr<TalkOptions> talk;
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

// The command line's word before the profile's.
Expected<double> sensor_interval(const RunOptions& options, const Profile& profile) {
  double rate_hz = profile.sensor_rate_hz.value_or(1);
  if (!options.sensor_rate.empty()) {
    const auto asked = parse_as(options.sensor_rate, Unit::hertz);
    if (!asked) return fail("--sensor-rate: " + asked.error().message);
    rate_hz = *asked;
  }
  if (rate_hz >= kLeastSensorRate_hz && rate_hz <= kMostSensorRate_hz) return 1 / rate_hz;
  return fail(
      fmt::format("--sensor-rate: '{}' must be 0.1 Hz to 10 Hz", format(rate_hz, Unit::hertz)));
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
  options.talk->into(campaign);
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
  const auto interval = sensor_interval(options, planned->profile);
  if (!interval) return complain(interval.error());
  campaign->sensor_interval_s = *interval;
  if (options.dry_run) {
    const std::filesystem::path root = options.root.empty() ? "/" : options.root;
    options.talk->json
        ? print(to_json(planned->plan))
        : print(describe(planned->plan) + environment_now(planned->plan, planned->rack, root));
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
  if (!options.root.empty()) campaign->sensor_root = std::filesystem::absolute(options.root);
  return run_new(planned->plan, planned->rack, *campaign);
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<RunOptions>();
  const char* user = std::getenv("USER");
  options->operator_name = user == nullptr ? "" : user;
  CLI::App* command = app.add_subcommand("run", "qualify: run a profile's stages, judge, sign");
  auto* profile = command
                      ->add_option("PROFILE", options->profile,
                                   "a profile's name or file; without it the best fitting one")
                      ->type_name("");
  auto* stage = command
                    ->add_option("--stage", options->stages,
                                 "only this stage (repeatable; default: the profile's choice)")
                    ->type_name("STAGE")
                    ->allow_extra_args(false);  // a PROFILE may follow
  auto* out =
      command
          ->add_option("--out", options->folder, "the bundle's folder; must not exist or be empty")
          ->type_name("DIR");
  auto* key = command
                  ->add_option("--key", options->key,
                               "signing key: a file, or a URI such as handle: or pkcs11:")
                  ->type_name("URI");
  command->add_flag("--unsigned", options->is_unsigned, "do not sign; the bundle says so")
      ->excludes(key);
  auto* nonce =
      command
          ->add_option("--nonce", options->nonce,
                       "hex digits drawn by the customer; every pattern derives from them")
          ->type_name("HEX");
  command->add_option("--operator", options->operator_name, "who runs this (default: $USER)")
      ->type_name("NAME");
  auto* resume =
      command
          ->add_option("--resume", options->resume, "go on with an unfinished run in this folder")
          ->check(CLI::ExistingDirectory)
          ->type_name("DIR");
  auto* keep_going = command->add_flag(
      "--keep-going", options->keep_going,
      "test although inventory or environment is wrong; the verdict stays FAIL or INVALID");
  auto* sensor_rate = command
                          ->add_option("--sensor-rate", options->sensor_rate,
                                       "how often every sensor is read, 0.1 Hz to 10 Hz "
                                       "(default: the profile's, else 1 Hz)")
                          ->type_name("RATE");
  auto* root = command
                   ->add_option("--root", options->root,
                                "read sensors and kernel log below this folder, not of this "
                                "machine; the report says so")
                   ->check(CLI::ExistingDirectory)
                   ->type_name("DIR");
  auto* dry_run = command->add_flag("--dry-run", options->dry_run,
                                    "print the plan and how the environment is now, and end");
  options->talk = add_talk_options(*command);
  const auto rack = add_rack_options(*command);
  // A resumed run asks what it asked when it was begun.
  for (auto* asked : {profile, stage, out, nonce, keep_going, dry_run, sensor_rate, root})
    resume->excludes(asked);
  for (const char* asked : {"--synthetic", "--backend"})
    resume->excludes(command->get_option(asked));
  command->footer(std::string(kExamples) + "\n" + kExitCodes);
  command->callback([options, rack, &exit_code] { exit_code = run(*options, *rack); });
}

}  // namespace rackproof
