// SPDX-License-Identifier: Apache-2.0
// The options for how a run speaks.
#include <CLI/CLI.hpp>

#include "app/campaign.h"

namespace rackproof {

void TalkOptions::into(CampaignOptions& campaign) const {
  campaign.talk = json ? Talk::json : quiet ? Talk::quiet : Talk::lines;
  campaign.color = color_mode(color).value_or(ColorMode::automatic);
}

std::shared_ptr<TalkOptions> add_talk_options(CLI::App& command) {
  auto options = std::make_shared<TalkOptions>();
  command.add_flag("--quiet", options->quiet, "only the verdict");
  command.add_flag("--json", options->json, "report.json on stdout and nothing else");
  command
      .add_option("--color", options->color,
                  "colours on a terminal: auto heeds NO_COLOR, always does not; a pipe or a file "
                  "never gets any")
      ->check(CLI::IsMember({"auto", "never", "always"}))
      ->capture_default_str();
  return options;
}

}  // namespace rackproof
