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

std::variant<Region, Unsupported> Device::allocate_host(std::uint64_t size_bytes, Place place,
                                                        Numa numa) {
  if (numa == Numa::any) return allocate(size_bytes, place);
  return Unsupported{info().id + ": this back end does not choose the NUMA node of host memory"};
}

bool register_backend(Backend backend) {
  const auto by_name = [](const Backend& a, const Backend& b) { return a.name < b.name; };
  registry().insert(std::upper_bound(registry().begin(), registry().end(), backend, by_name),
                    std::move(backend));
  return true;
}

const std::vector<Backend>& backends() { return registry(); }

}  // namespace rackproof
