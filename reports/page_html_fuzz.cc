// SPDX-License-Identifier: Apache-2.0
// Fuzzes telemetry rows and pages of somebody else.
#include <nlohmann/json.hpp>

#include "core/file_for_fuzz.h"
#include "reports/page_html.h"
#include "reports/page_html_plots.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rackproof;
  const std::string_view bytes = text_of(data, size);
  (void)report_in_page(bytes, "fuzz.html");
  PlotReduction plots(100, 4);
  bool first = true;
  for (std::size_t at = 0; at < bytes.size(); first = false) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    const std::string_view line = bytes.substr(at, end - at);
    if (!(first ? plots.head(line) : plots.row(line))) break;
    at = end + 1;
  }
  (void)to_json(plots.take());
  return 0;
}
