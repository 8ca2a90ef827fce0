// SPDX-License-Identifier: Apache-2.0
#include "runner/environment_worker.h"

#include <nlohmann/json.hpp>

#include "hardware/condition.h"
#include "runner/environment_message.h"

namespace rackproof {
namespace {

Expected<LookOrder> order_in(const std::string& line) {
  const auto message = parse_json(line);
  if (!message) return tl::unexpected(message.error());
  return look_order_from_json(*message);
}

}  // namespace

void serve_environment(Uplink& uplink) {
  const std::string line = uplink.wait_for("look");
  if (line.empty()) return;  // stopped before it began
  const auto order = order_in(line);
  if (!order) return uplink.send({{"t", "error"}, {"text", order.error().text()}});
  for (const ConditionDemand& demand : order->demands) {
    const ConditionPlace place{order->root, order->device, demand.wanted};
    uplink.send(condition_message(look_at(demand.name, place)));
  }
  uplink.send({{"t", "done"}});
}

}  // namespace rackproof
