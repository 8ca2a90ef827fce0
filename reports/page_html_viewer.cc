// SPDX-License-Identifier: Apache-2.0
#include "reports/page_html_viewer.h"

#include "core/hash.h"
#include "reports/dsse.h"

namespace rackproof {
namespace embedded {
extern const std::string_view page_template, page_style, page_dygraphs, page_dygraphs_licence;
extern const std::string_view page_units, page_limits, page_plot_data, page_plot_print,
    page_plot_group, page_telemetry, page_viewer;
}  // namespace embedded
namespace {

void add_module(std::string& script, std::string_view module) {
  while (!module.empty()) {
    const auto end = module.find('\n');
    std::string_view line = module.substr(0, end);
    module.remove_prefix(end == std::string_view::npos ? module.size() : end + 1);
    if (line.starts_with("import ")) continue;
    if (line.starts_with("export ")) line.remove_prefix(7);
    script += line;
    script += '\n';
  }
}

std::string all_modules() {
  std::string script = "\n";
  for (const std::string_view module :
       {embedded::page_units, embedded::page_limits, embedded::page_plot_data,
        embedded::page_plot_print, embedded::page_plot_group, embedded::page_telemetry,
        embedded::page_viewer}) {
    add_module(script, module);
  }
  return script;
}

// A debugger would look for the source map beside the page.
std::string_view without_source_map(std::string_view script) {
  return script.substr(0, script.rfind("//# sourceMappingURL="));
}

}  // namespace

std::string_view page_template() { return embedded::page_template; }
std::string_view page_style() { return embedded::page_style; }

const std::string& plot_script() {
  static const std::string kScript =
      "\n/*!\n" + std::string(embedded::page_dygraphs_licence) + "*/\n" +
      std::string(without_source_map(embedded::page_dygraphs)) + "\n";
  return kScript;
}

const std::string& viewer_script() {
  static const std::string kScript = all_modules();
  return kScript;
}

std::string policy_hash(std::string_view block) {
  const Sha256 digest = sha256(block);
  const std::string bytes(digest.begin(), digest.end());
  return "'sha256-" + base64(bytes) + "'";
}

}  // namespace rackproof
