// SPDX-License-Identifier: Apache-2.0
// Plan -> folder -> run -> judged, signed and checked bundle -> exit code: what `run` and `stress`
// share.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/terminal.h"
#include "core/evidence.h"
#include "core/hash.h"
#include "core/plan.h"
#include "reports/key.h"
#include "runner/planner.h"

namespace CLI {
class App;
}

namespace rackproof {

/// How much `run` says while it runs.
enum class Talk { lines, quiet, json };

struct CampaignOptions {
  std::filesystem::path folder;
  std::map<std::string, std::string> specs;  ///< by back end
  std::vector<std::string> backends;         ///< the only ones asked for devices; empty: all
  std::string profile_yaml;                  ///< the resolved profile's bytes
  std::string nonce;                         ///< the customer's, hex; empty: none
  std::string operator_name;
  std::optional<SigningKey> signer;         ///< none: the bundle says that it is unsigned
  bool is_unsigned = false;                 ///< asked for, not for lack of a key
  bool keep_going = false;                  ///< test although inventory or environment is wrong
  double sensor_interval_s = 1;             ///< between two readings of every sensor
  std::filesystem::path sensor_root = "/";  ///< where sensors and kernel log are read
  bool kept = true;                         ///< false: a scratch folder that nobody will look for
  Talk talk = Talk::lines;
  ColorMode color = ColorMode::automatic;
  /// Says what came out, instead of the report, and returns the exit code. A scratch folder's
  /// bundle is not finished then: nobody will see it.
  std::function<int(const Plan&, const Evidence&)> tell = {};
};

/// `--quiet`, `--json`, `--color`: how a run speaks.
struct TalkOptions {
  bool quiet = false, json = false;
  std::string color = "auto";
  void into(CampaignOptions& campaign) const;
};
std::shared_ptr<TalkOptions> add_talk_options(CLI::App& command);

/// Runs the plan in a new folder. Returns the verdict's exit code; 64 when the folder cannot be
/// used (nothing was run), 5 when a record could not be stored.
[[nodiscard]] int run_new(const Plan& plan, const Rack& rack, const CampaignOptions& options);

/// Goes on with an unfinished run in `options.folder`, whose plan, profile and back end specs it
/// takes. Refuses (64) when profile, tool or hardware is not the same, or the run is over.
[[nodiscard]] int run_resumed(CampaignOptions options);

}  // namespace rackproof
