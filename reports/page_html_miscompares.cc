// SPDX-License-Identifier: Apache-2.0
// What was computed or stored wrong: how often, what the wrong bits have in common, and the first.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/device.h"
#include "reports/page_html_fields.h"
#include "reports/page_html_marks.h"
#include "reports/page_html_sections.h"
#include "reports/page_html_text.h"

namespace rackproof {
namespace {

std::string first_text(const Json& first) {
  if (!first.is_object()) return "none sampled";
  std::string all =
      fmt::format("element {}, expected {}, got {}, {}, pattern {}", amount(first, "element"),
                  text(first, "expected"), text(first, "got"),
                  core_text(first.value("core", kUnknownCore)), text(first, "pattern"));
  const std::string address = text(first, "address"), dimm = text(first, "dimm");
  if (!address.empty()) all += ", address " + address;
  return dimm.empty() ? all : all + " in " + dimm;
}

std::string moment_text(const Json& row) {
  std::string all;
  const auto temperature = number(row, "temperature_celsius");
  if (temperature)
    all = fmt::format("{} ({})", format(*temperature, Unit::celsius),
                      text(row, "temperature_sensor"));
  const auto clock = number(row, "clock_hz");
  if (clock) all += (all.empty() ? "" : ", ") + format(*clock, Unit::hertz);
  return all;
}

std::string miscompare_row(const Json& row) {
  return "<tr>" + cell(text(row, "device")) + cell(text(row, "step")) +
         cell(amount(row, "count"), "num") + cell(text(row, "in_common"), "why") +
         cell(first_text(field(row, "first")), "why") + cell(moment_text(row)) + "</tr>\n";
}

}  // namespace

std::string miscompares_part(const Json& report) {
  std::string body;
  for (const Json& row : rows(report, "miscompares")) body += miscompare_row(row);
  if (body.empty()) return {};
  return section("miscompares", "Miscompares",
                 table("Miscompares", "Device|Step|>Count|In common|First|At that moment", body));
}

}  // namespace rackproof
