// SPDX-License-Identifier: Apache-2.0
// `rackproof report BUNDLE`: the page again, from any bundle. It verifies nothing and says so.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "app/commands.h"
#include "app/print.h"
#include "core/json.h"
#include "core/verdict.h"
#include "reports/manifest.h"
#include "reports/page_html_bundle.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNotVerified =
    "nothing was verified: `rackproof verify BUNDLE --trust TRUST.yaml` does that";

// Beside the bundle, by its name.
fs::path default_output(const fs::path& bundle) {
  fs::path folder = fs::absolute(bundle).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  return folder.concat(".html");
}

// A bundle is what its manifest says: one more or another file, and it no longer verifies.
Expected<void> outside_bundles(const fs::path& output) {
  std::error_code none;
  const fs::path folder = fs::weakly_canonical(fs::absolute(output), none).parent_path();
  for (fs::path at = folder; at.has_relative_path(); at = at.parent_path()) {
    if (!fs::exists(at / kManifestName, none)) continue;
    return tl::unexpected(Error{
        fmt::format("lies in the bundle {}, which another file would break; write it elsewhere",
                    at.string()),
        output.string()});
  }
  return {};
}

int write_page(const std::string& page, const fs::path& output) {
  if (const auto outside = outside_bundles(output); !outside) return complain(outside.error());
  if (const auto written = write_file(output, page); !written) return complain(written.error());
  print(fmt::format("page    {}\nnote    {}", output.string(), kNotVerified));
  return 0;
}

int pour_page(const std::string& page) {
  const bool whole = std::fwrite(page.data(), 1, page.size(), stdout) == page.size();
  if (!whole || std::fflush(stdout) != 0) return complain(Error{"cannot write the page"});
  std::fprintf(stderr, "rackproof: note: %s\n", kNotVerified);
  return 0;
}

int report(const std::string& bundle, const std::string& output) {
  const auto page = page_again(bundle);
  if (!page) return complain(page.error());
  if (output == "-") return pour_page(*page);
  return write_page(*page, output.empty() ? default_output(bundle) : fs::path(output));
}

}  // namespace

void add_report(CLI::App& app, int& exit_code) {
  struct Options {
    std::string bundle, output;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("report", "make a bundle's page again, to look at; verifies nothing");
  command->add_option("BUNDLE", options->bundle, "the run's folder")
      ->required()
      ->check(CLI::ExistingDirectory);
  command
      ->add_option("-o,--out", options->output,
                   "the page's file, or - for stdout (default: BUNDLE.html beside the bundle)")
      ->type_name("FILE");
  command->footer("Exit codes: 0 the page was made, whatever its verdict; 64 it could not be.\n");
  command->callback(
      [options, &exit_code] { exit_code = report(options->bundle, options->output); });
}

}  // namespace rackproof
