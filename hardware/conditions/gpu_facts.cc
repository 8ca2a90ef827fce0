// SPDX-License-Identifier: Apache-2.0
#include "hardware/conditions/gpu_facts.h"

#include <map>
#include <utility>

namespace rackproof {
namespace {

GpuFactsReader& reader() {
  static GpuFactsReader registered = nullptr;
  return registered;
}

std::vector<GpuCondition>& checks() {
  static std::vector<GpuCondition> all;
  return all;
}

Expected<GpuFacts> read(const DeviceInfo& device) {
  if (reader() != nullptr) return reader()(device);
  return fail("this program was built without nvml.h, so it cannot ask NVIDIA's driver");
}

}  // namespace

GpuFacts nothing_known(const std::string& why) {
  GpuFacts facts;
  const auto tell = [&](auto&... fact) { ((fact.why = why), ...); };
  tell(facts.processes, facts.ecc, facts.mig, facts.persistence, facts.power_limit_w,
       facts.default_power_limit_w, facts.most_power_limit_w, facts.clocks, facts.most_clocks,
       facts.clocks_held, facts.compute_mode, facts.driver, facts.cuda);
  return facts;
}

bool register_gpu_facts(GpuFactsReader read) {
  reader() = read;
  return true;
}

const Expected<GpuFacts>& gpu_facts(const DeviceInfo& device) {
  static std::map<std::pair<std::string, std::string>, Expected<GpuFacts>> known;
  const auto at = known.find({device.uuid, device.bdf});
  if (at != known.end()) return at->second;
  return known.emplace(std::pair(device.uuid, device.bdf), read(device)).first->second;
}

bool register_gpu_condition(GpuCondition condition) {
  checks().push_back(condition);
  return register_condition(condition.info);
}

ConditionRecord check_gpu(const std::string& name, const GpuFacts& facts,
                          const ConditionPlace& place) {
  for (const GpuCondition& condition : checks()) {
    if (condition.info.name == name) return condition.check(facts, place);
  }
  return not_known("no condition " + name);
}

}  // namespace rackproof
