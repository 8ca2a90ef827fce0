// SPDX-License-Identifier: Apache-2.0
// `rackproof capture DIR`: all that another machine needs to see this one. Never touches a device.
#include "hardware/capture.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/commands.h"
#include "app/print.h"
#include "app/version.h"
#include "core/units.h"

namespace rackproof {
namespace {

constexpr const char* kFooter =
    "Serial numbers, MAC addresses and host names are kept, since they identify the unit;\n"
    "--anonymous replaces each by a hash that stays the same from capture to capture.\n"
    "Run as root to capture links, latched errors, serial numbers and the kernel log.\n\n"
    "Example:\n"
    "  rackproof capture node7 && tar czf node7.tgz node7     then, elsewhere:\n"
    "  rackproof inventory --from node7\n";

constexpr std::size_t kShownGaps = 12;

std::string as_text(const CaptureManifest& manifest, const std::string& folder) {
  const auto size = [](double sum, const CaptureManifest::File& f) {
    return sum + static_cast<double>(f.size_bytes);
  };
  const double bytes = std::accumulate(manifest.files.begin(), manifest.files.end(), 0.0, size);
  std::string text;
  for (std::size_t i = 0; i < std::min(manifest.missing.size(), kShownGaps); ++i) {
    text += fmt::format("missing   {}: {}\n", manifest.missing[i].what, manifest.missing[i].why);
  }
  if (manifest.missing.size() > kShownGaps) {
    text += fmt::format("missing   {} more: capture.json lists them\n",
                        manifest.missing.size() - kShownGaps);
  }
  return text + fmt::format("captured  {}: {} files, {}{}\n", folder, manifest.files.size(),
                            format(bytes, Unit::byte), manifest.anonymous ? ", anonymous" : "");
}

}  // namespace

void add_capture(CLI::App& app, int& exit_code) {
  struct Options {
    std::string folder;
    bool anonymous = false, json = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "capture", "write what inventory, devices, plan and profile fit need into a folder");
  command->add_option("DIR", options->folder, "must not exist or be empty")
      ->required()
      ->type_name("");
  command->add_flag("--anonymous", options->anonymous,
                    "replace what identifies the unit by hashes");
  command->add_flag("--json", options->json, "print capture.json");
  command->footer(kFooter);
  command->callback([options, &exit_code] {
    CaptureOptions capture;
    capture.tool = std::string("rackproof ") + kVersion;
    capture.anonymous = options->anonymous;
    const auto written = write_capture(options->folder, capture);
    if (!written) {
      exit_code = complain(written.error());
      return;
    }
    options->json ? print(to_json(*written)) : print(as_text(*written, options->folder));
    exit_code = 0;
  });
}

}  // namespace rackproof
