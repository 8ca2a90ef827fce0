// SPDX-License-Identifier: Apache-2.0
#include "app/print.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/verdict.h"

namespace rackproof {

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (text.empty() || text.back() != '\n') std::fputc('\n', stdout);
}

void print(const Json& json) { print(json.dump(2, ' ', false, Json::error_handler_t::replace)); }

bool all_printed() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  struct stat kind {};
  const bool left =
      ::fstat(STDOUT_FILENO, &kind) == 0 && (S_ISFIFO(kind.st_mode) || S_ISSOCK(kind.st_mode));
  if (!left)
    complain(Error{"the standard output took not all of what was printed; is its disk full?"});
  return left;
}

int complain(const Error& error) {
  std::fprintf(stderr, "rackproof: %s\n", error.text().c_str());
  return kExitUsage;
}

int complain(const std::vector<Error>& errors) {
  for (const Error& error : errors) complain(error);
  return kExitUsage;
}

}  // namespace rackproof
