// SPDX-License-Identifier: Apache-2.0
#include "app/environment.h"

#include <fmt/format.h>

#include "app/stop.h"
#include "hardware/utf8_line.h"
#include "runner/environment.h"

namespace rackproof {
namespace {

const char* mark_of(const ConditionDemand& demand, ConditionState state) {
  if (state == ConditionState::good) return "ok";
  if (state != ConditionState::bad) return "?";
  return demand.required ? "BAD" : "bad";
}

}  // namespace

std::string environment_now(const Plan& plan, const Rack& rack, const std::filesystem::path& root) {
  EnvironmentRequest request;
  request.demands = plan.environment;
  request.rack = rack;
  request.root = root;
  request.stop = &stop_asked();
  const auto records = look_at_environment(request);
  std::string text;
  for (std::size_t i = 0; i < records.size(); ++i) {
    text += fmt::format("  {:<4} {}{}\n", mark_of(plan.environment[i], records[i].state),
                        utf8_line(describe(records[i])),
                        plan.environment[i].required ? "" : " (not required)");
  }
  return text.empty() ? text : "environment now\n" + text;
}

}  // namespace rackproof
