// SPDX-License-Identifier: Apache-2.0
#include "core/device.h"

#include <algorithm>

namespace rackproof {
namespace {

std::vector<Backend>& registry() {
  static std::vector<Backend> all;
  return all;
}

}  // namespace

std::string core_text(std::uint32_t core) {
  return "core " + (core == kUnknownCore ? "unknown" : std::to_string(core));
}

std::variant<std::string, Unsupported> Device::collective_id() {
  return Unsupported{info().id + " takes part in no collectives"};
}

bool register_backend(Backend backend) {
  const auto by_name = [](const Backend& a, const Backend& b) { return a.name < b.name; };
  registry().insert(std::upper_bound(registry().begin(), registry().end(), backend, by_name),
                    std::move(backend));
  return true;
}

const std::vector<Backend>& backends() { return registry(); }

}  // namespace rackproof
