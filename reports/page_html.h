// SPDX-License-Identifier: Apache-2.0
// report.html: one page that needs nothing else, made from report.json and what lies beside it.
#pragma once

#include <string>
#include <string_view>

#include "core/json.h"
#include "reports/page_html_plots.h"

namespace rackproof {

/// All that the page is made of: the same facts give the same bytes, here and at whoever verifies.
struct PageFacts {
  const Json& report;     ///< report.json; fields may lack, those that are not known are left out
  const Json& inventory;  ///< inventory.json
  PlotData plots;
  std::string fingerprint;    ///< of the key that will sign or has signed; empty: unsigned
  std::string key_algorithm;  ///< "ECDSA P-256"
  std::string notice;  ///< what a reader must know of this copy before all else; empty: nothing
};

/// The whole file. Text from the evidence stays text: no markup in it is ever followed.
[[nodiscard]] std::string page_html(const PageFacts& facts);

/// The report within a page, as page_html() embedded it. Errors: no page of ours, broken JSON.
[[nodiscard]] Expected<Json> report_in_page(std::string_view page, const std::string& file);

}  // namespace rackproof
