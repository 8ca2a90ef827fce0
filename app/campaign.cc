// SPDX-License-Identifier: Apache-2.0
#include "app/campaign.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/print.h"
#include "app/progress_live.h"
#include "app/rack.h"
#include "app/recheck.h"
#include "app/stop.h"
#include "app/version.h"
#include "core/json.h"
#include "core/verdict.h"
#include "hardware/utf8_line.h"
#include "profiles/profile.h"
#include "reports/bundle.h"
#include "reports/report.h"
#include "runner/ledger.h"
#include "runner/lock.h"
#include "runner/same_hardware.h"
#include "runner/supervisor.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kLeastFreeBytes = 64ull << 20;

// Hostnames, device names and specs may hold bytes that are not UTF-8.
std::string bytes_of(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// What was asked, kept in the bundle so that a resume asks the same.
Json request_json(const CampaignOptions& options) {
  return Json{{"schema", "rackproof/request/1"},
              {"specs", options.specs},
              {"backends", options.backends},
              {"signed", options.signer.has_value()},
              {"keep_going", options.keep_going},
              {"sensor_interval_s", options.sensor_interval_s},
              {"sensor_root", options.sensor_root.string()}};
}

Expected<void> make_folder(const std::filesystem::path& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (!problem) return {};
  return tl::unexpected(
      Error{"cannot create the output folder: " + problem.message(), folder.string()});
}

Expected<void> prepare_folder(const std::filesystem::path& folder) {
  std::error_code problem;
  if (!std::filesystem::is_empty(folder, problem) || problem) {
    return tl::unexpected(
        Error{"the output folder is not empty; choose another with --out, or --resume this one",
              folder.string()});
  }
  struct statvfs disk {};
  if (statvfs(folder.c_str(), &disk) == 0 && disk.f_bavail * disk.f_frsize < kLeastFreeBytes) {
    return tl::unexpected(
        Error{fmt::format("only {} free; a run needs at least {}",
                          format(static_cast<double>(disk.f_bavail * disk.f_frsize), Unit::byte),
                          format(static_cast<double>(kLeastFreeBytes), Unit::byte)),
              folder.string()});
  }
  return {};
}

Expected<void> write_inputs(const Plan& plan, const Rack& rack, const CampaignOptions& options) {
  if (auto ready = prepare_folder(options.folder); !ready) return ready;
  const std::pair<const char*, std::string> files[] = {
      {"profile.yaml", options.profile_yaml},
      {"plan.json", bytes_of(to_json(plan))},
      {"inventory.json", bytes_of(to_json(rack))},
      {"request.json", bytes_of(request_json(options))}};
  for (const auto& [name, bytes] : files) {
    if (auto written = write_file(options.folder / name, bytes); !written) return written;
  }
  return {};
}

Expected<std::string> digest_of(const std::filesystem::path& path) {
  const auto digest = sha256_file(path);
  if (!digest) return tl::unexpected(digest.error());
  return hex(*digest);
}

Expected<Genesis> genesis_for(const CampaignOptions& options, const Rack& rack) {
  Genesis genesis;
  const Sha256 id = random_seed();
  genesis.run_id = hex(id).substr(0, 32);
  genesis.seed = options.nonce.empty() ? random_seed()
                                       : sha256({"rackproof seed from a nonce", options.nonce});
  genesis.nonce = options.nonce;
  const std::pair<const char*, std::string*> digests[] = {
      {"plan.json", &genesis.plan_sha256},
      {"profile.yaml", &genesis.profile_sha256},
      {"inventory.json", &genesis.inventory_sha256}};
  for (const auto& [name, into] : digests) {
    const auto digest = digest_of(options.folder / name);
    if (!digest) return tl::unexpected(digest.error());
    *into = *digest;
  }
  const auto tool = digest_of("/proc/self/exe");
  if (!tool) return tl::unexpected(tool.error());
  genesis.tool_sha256 = *tool;
  genesis.tool_version = kVersion;
  genesis.station = rack.host.hostname;
  genesis.station_key = options.signer ? options.signer->public_key().keyid() : "";
  genesis.operator_name = options.operator_name;
  genesis.boot_id = rack.host.boot_id;
  genesis.started = utc_now();
  return genesis;
}

bool inventory_met(const Plan& plan) {
  for (const InventoryCheck& check : plan.inventory) {
    if (!check.met) return false;
  }
  return true;
}

int storage_failed(const std::string& why) {
  complain(Error{why});
  complain(
      Error{"the record is not whole, a part of it could not be stored: "
            "the run is not a qualification (ERROR)"});
  return exit_code(Verdict::error);
}

// The run stays as it is, to be resumed once this is corrected.
int refuse_to_resume(const std::vector<ConditionRecord>& barred) {
  for (const ConditionRecord& condition : barred) complain(Error{describe(condition)});
  complain(Error{"the environment would spoil the run: correct it, then resume again"});
  return exit_code(Verdict::invalid);
}

std::string whereabouts(const CampaignOptions& options) {
  const std::string seal = options.signer ? "signed  " + options.signer->public_key().fingerprint()
                                          : "UNSIGNED: this bundle proves nothing to anyone else";
  return fmt::format("bundle  {}\n{}", options.folder.string(), seal);
}

bool on_terminal(const CampaignOptions& options) {
  return Terminal::of_stdout(options.color) != nullptr;
}

// A page scrolls past; on a terminal what it comes to is the last line, and stands there once. In
// the page it may be wrapped, its further lines indented.
std::string without_headline(const std::string& text, const Report& report) {
  if (!text.starts_with(std::string(name(report.verdict)) + ": ")) return text;
  auto end = text.find('\n');
  while (end != std::string::npos && text.compare(end + 1, 1, " ") == 0)
    end = text.find('\n', end + 1);
  return end == std::string::npos ? "" : text.substr(end + 1);
}

std::string tinted_headline(const Report& report, const CampaignOptions& options) {
  const bool good = report.verdict == Verdict::pass;
  const bool bad = report.verdict == Verdict::fail || report.verdict == Verdict::error;
  const Tint tint = good ? Tint::good : bad ? Tint::bad : Tint::doubtful;
  const std::string headline = utf8_line(report.headline);
  return render({{headline, tint}}, columns_of(headline), look_of_environment(options.color));
}

// The bundle's last files, then the check that whoever receives it would make.
int conclude(const Plan& plan, const CampaignResult& result, const CampaignOptions& options) {
  if (options.tell && !options.kept) return options.tell(plan, result.evidence);
  const Report report = judge(plan, result.evidence);
  const Json json = to_json(report, plan, result.evidence);
  const std::string text = describe(report, plan, result.evidence);
  const SigningKey* signer = options.signer ? &*options.signer : nullptr;
  const auto finished =
      finish_bundle(options.folder, {plan, result.evidence, json, text, result.head}, signer);
  if (!finished) return storage_failed(finished.error().text());
  const VerifyResult checked = recheck(options.folder, signer);
  const bool holds = checked.outcome == VerifyOutcome::verified ||
                     (signer == nullptr && checked.outcome == VerifyOutcome::unsigned_bundle);
  if (!holds) {
    complain(Error{"the bundle just written does not verify: " + checked.message});
    return exit_code(Verdict::error);
  }
  if (options.tell) return options.tell(plan, result.evidence);
  if (options.talk == Talk::json) {
    print(json);
  } else if (options.talk == Talk::lines && on_terminal(options)) {
    print("\n" + without_headline(text, report));
    if (options.kept) print(whereabouts(options));
    print("\n" + tinted_headline(report, options));
  } else {
    print(options.talk == Talk::quiet ? report.headline : "\n" + text);
    if (options.kept) print(whereabouts(options));
  }
  return exit_code(report.verdict);
}

std::unique_ptr<Progress> progress_for(const Plan& plan, const Rack& rack,
                                       const CampaignOptions& options) {
  if (options.talk != Talk::lines) return nullptr;
  auto terminal = Terminal::of_stdout(options.color);
  if (!terminal) return std::make_unique<LineProgress>();
  std::fflush(stdout);  // the view writes past it
  return std::make_unique<LiveProgress>(plan, rack, std::move(terminal), stop_asked());
}

int run_in_folder(const Plan& plan, const Rack& rack, const CampaignOptions& options, bool resume) {
  const auto genesis = genesis_for(options, rack);
  if (!genesis) return complain(genesis.error());
  auto progress = progress_for(plan, rack, options);
  CampaignRequest request;
  request.bundle = options.folder;
  request.plan = plan;
  request.rack = rack;
  request.genesis = *genesis;
  request.specs = options.specs;
  request.progress = progress.get();
  request.resume = resume;
  request.record_only = !inventory_met(plan) && !options.keep_going;
  request.keep_going = options.keep_going;
  request.stop = &stop_asked();
  request.telemetry.interval_s = options.sensor_interval_s;
  request.telemetry.root = options.sensor_root;
  request.seal = [&plan](const Evidence& evidence, const JournalHead&) {
    return Json{{"t", "seal"}, {"verdict", name(judge(plan, evidence).verdict)}}.dump();
  };
  auto result = run_campaign(request);
  progress.reset();  // a live view leaves the terminal to what is said now
  if (!result) return complain(result.error());
  if (!result->barred.empty()) return refuse_to_resume(result->barred);
  if (!result->sealed) return storage_failed(result->problem);
  return conclude(plan, *result, options);
}

template <class T>
Expected<T> read_json(const std::filesystem::path& path, Expected<T> (*convert)(const Json&)) {
  const auto bytes = read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto json = parse_json(*bytes, path.string());
  if (!json) return tl::unexpected(json.error());
  auto value = convert(*json);
  if (!value) value.error().file = path.string();
  return value;
}

// What request_json() wrote.
Expected<CampaignOptions> request_from_json(const Json& json) {
  try {
    CampaignOptions asked;
    json.at("specs").get_to(asked.specs);
    json.at("backends").get_to(asked.backends);
    json.at("keep_going").get_to(asked.keep_going);
    json.at("sensor_interval_s").get_to(asked.sensor_interval_s);
    asked.sensor_root = json.at("sensor_root").get<std::string>();
    const double interval_s = asked.sensor_interval_s;
    if (!(interval_s >= kLeastInterval_s && interval_s <= kMostInterval_s))
      return fail("not a request: sensor_interval_s must be 0.1 to 10");
    if (!json.at("signed").get<bool>()) asked.is_unsigned = true;
    return asked;
  } catch (const Json::exception& problem) {
    return fail(std::string("not a request: ") + problem.what());
  }
}

// What a run must have for itself; both end with the run.
struct Locks {
  Lock folder;
  std::optional<Lock> host;  ///< none: it measures described devices only
};

Expected<Locks> take_locks(const Plan& plan, const Rack& rack,
                           const std::filesystem::path& folder) {
  auto own = Lock::take(folder, "another run is using this folder");
  if (!own) return tl::unexpected(own.error());
  Locks locks{*std::move(own), std::nullopt};
  const bool real = std::any_of(rack.devices.begin(), rack.devices.end(), [&](const auto& device) {
    const auto& all = plan.devices;
    return device.backend != "synthetic" &&
           std::find(all.begin(), all.end(), device.id) != all.end();
  });
  if (!real) return locks;
  auto host = lock_host();
  if (!host) return tl::unexpected(host.error());
  locks.host.emplace(*std::move(host));
  return locks;
}

Expected<void> same_profile(const Plan& plan, const std::filesystem::path& folder) {
  const auto bytes = read_file(folder / "profile.yaml");
  if (!bytes) return tl::unexpected(bytes.error());
  if (hex(sha256(*bytes)) == plan.profile_sha256) return {};
  return tl::unexpected(Error{"the profile has changed since the run began; start a new run",
                              (folder / "profile.yaml").string()});
}

}  // namespace

int run_new(const Plan& plan, const Rack& rack, const CampaignOptions& options) {
  if (const auto made = make_folder(options.folder); !made) return complain(made.error());
  const auto locks = take_locks(plan, rack, options.folder);
  if (!locks) return complain(locks.error());
  if (const auto written = write_inputs(plan, rack, options); !written)
    return complain(written.error());
  return run_in_folder(plan, rack, options, false);
}

int run_resumed(CampaignOptions options) {
  const auto plan = read_json<Plan>(options.folder / "plan.json", plan_from_json);
  if (!plan) return complain(plan.error());
  const auto before = read_json<Rack>(options.folder / "inventory.json", rack_from_json);
  if (!before) return complain(before.error());
  const auto asked = read_json<CampaignOptions>(options.folder / "request.json", request_from_json);
  if (!asked) return complain(asked.error());
  if (const auto same = same_profile(*plan, options.folder); !same) return complain(same.error());
  options.specs = asked->specs;
  options.backends = asked->backends;
  options.keep_going = asked->keep_going;
  options.sensor_interval_s = asked->sensor_interval_s;
  options.sensor_root = asked->sensor_root;
  if (asked->is_unsigned) options.signer.reset();
  const auto locks = take_locks(*plan, *before, options.folder);
  if (!locks) return complain(locks.error());
  auto now = look_around(options.specs, options.backends);
  if (!now) return complain(now.error());
  const auto changed = differences(*before, *now);
  if (!changed.empty()) {
    for (const std::string& what : changed)
      complain(Error{"hardware has changed since the run began: " + what});
    return complain(Error{"start a new run on what is there now"});
  }
  Rack rack = *before;
  rack.host.boot_id = now->host.boot_id;
  return run_in_folder(*plan, rack, options, true);
}

}  // namespace rackproof
