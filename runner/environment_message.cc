// SPDX-License-Identifier: Apache-2.0
#include "runner/environment_message.h"

#include <nlohmann/json.hpp>

#include "core/record.h"
#include "hardware/utf8_line.h"
#include "runner/message.h"

namespace rackproof {

Json to_json(const LookOrder& order) {
  Json asked = Json::array();
  for (const ConditionDemand& demand : order.demands)
    asked.push_back({{"name", demand.name}, {"wanted", demand.wanted}});
  return {{"t", "look"},
          {"root", order.root.string()},
          {"device", to_json(order.device)},
          {"conditions", std::move(asked)}};
}

Expected<LookOrder> look_order_from_json(const Json& json) {
  try {
    LookOrder order;
    order.root = json.at("root").get<std::string>();
    auto device = device_from_json(json.at("device"));
    if (!device) return tl::unexpected(device.error());
    order.device = *std::move(device);
    for (const Json& asked : json.at("conditions")) {
      ConditionDemand& demand = order.demands.emplace_back();
      demand.name = asked.at("name").get<std::string>();
      demand.wanted = asked.at("wanted").get<std::string>();
    }
    return order;
  } catch (const Json::exception& problem) {
    return fail(std::string("not an order to look: ") + problem.what());
  }
}

Json condition_message(const ConditionRecord& record) {
  return {{"t", "condition"}, {"condition", to_json(record)}};
}

Expected<ConditionRecord> condition_from_message(const Json& message) {
  if (!message.contains("condition")) return fail("a message without its condition");
  auto record = condition_from_json(message.at("condition"));
  if (!record) return record;
  for (std::string* text : {&record->found, &record->wanted, &record->remedy, &record->detail}) {
    *text = utf8_line(shortened(std::move(*text)));
  }
  const bool decided =
      record->state == ConditionState::good || record->state == ConditionState::bad;
  if (decided && record->found.empty()) return fail(record->name + " without what was found");
  return record;
}

}  // namespace rackproof
