// SPDX-License-Identifier: Apache-2.0
#include "reports/pair_text.h"

namespace rackproof {

std::string pair_text(const std::string& from, const std::string& to) {
  const auto node = to.rfind('/');
  const bool same = node != std::string::npos && from.compare(0, node + 1, to, 0, node + 1) == 0;
  return from + " -> " + (same ? to.substr(node + 1) : to);
}

}  // namespace rackproof
