// SPDX-License-Identifier: Apache-2.0
// For tests: a host of two nodes whose pages lie where the test says.
#pragma once

#include <memory>
#include <utility>

#include "backends/host/pages.h"

namespace rackproof::host {

/// Binding answers `refusal` (0 or errno); then every page lies on the node that was bound to, or
/// on the first node of `places`, all but one page, which lies on the last one.
inline Host two_node_host(int refusal = 0, std::vector<int> places = {}) {
  const auto asked = std::make_shared<std::pair<int, std::uint64_t>>();  // node, bytes
  Host host;
  host.nodes = {{0, {0}, {{0, 10}, {1, 21}}}, {1, {0}, {{0, 21}, {1, 10}}}};
  host.bind = [=](void*, std::size_t size_bytes, int node) {
    *asked = {node, size_bytes};
    return refusal;
  };
  host.pages = [=](const void*) {
    const std::uint64_t all = asked->second / 4096;
    PagesByNode pages;
    if (places.empty()) return PagesByNode{{asked->first, all}};
    pages[places.front()] += all - 1;
    pages[places.back()] += 1;
    return pages;
  };
  host.available = [](int) { return std::uint64_t{1} << 30; };
  return host;
}

}  // namespace rackproof::host
