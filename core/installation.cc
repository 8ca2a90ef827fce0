// SPDX-License-Identifier: Apache-2.0
#include "core/installation.h"

#include <system_error>

namespace rackproof {

namespace fs = std::filesystem;

fs::path installation_folder() {
  std::error_code unreadable;
  const fs::path program = fs::read_symlink("/proc/self/exe", unreadable);
  return unreadable ? fs::path() : program.parent_path().parent_path();
}

fs::path installed(const fs::path& relative) {
  const fs::path folder = installation_folder();
  std::error_code unreadable;
  if (folder.empty() || !fs::exists(folder / relative, unreadable)) return {};
  return folder / relative;
}

}  // namespace rackproof
