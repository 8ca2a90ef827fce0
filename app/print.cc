// SPDX-License-Identifier: Apache-2.0
#include "app/print.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/verdict.h"

namespace rackproof {

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (text.empty() || text.back() != '\n') std::fputc('\n', stdout);
}

void print(const Json& json) { print(json.dump(2, ' ', false, Json::error_handler_t::replace)); }

int complain(const Error& error) {
  std::fprintf(stderr, "rackproof: %s\n", error.text().c_str());
  return kExitUsage;
}

int complain(const std::vector<Error>& errors) {
  for (const Error& error : errors) complain(error);
  return kExitUsage;
}

}  // namespace rackproof
