// SPDX-License-Identifier: Apache-2.0
#include "backends/cuda/library.h"

#include <array>

namespace rackproof::cuda {

Expected<void*> open_library(const std::string& file) {
  constexpr std::array kFolders{"", "/usr/local/cuda/lib64/", "/usr/local/cuda/lib/",
                                "/usr/local/nvidia/lib64/"};
  std::string reason;
  for (const char* folder : kFolders) {
    if (void* library = dlopen((folder + file).c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    if (reason.empty()) reason = dlerror();
  }
  return fail(reason);
}

}  // namespace rackproof::cuda
