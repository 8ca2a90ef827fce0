// SPDX-License-Identifier: Apache-2.0
#include "backends/cuda/library.h"

#include <cuda.h>

#include <vector>

namespace rackproof::cuda {

Expected<void*> open_library(const std::string& file) {
  // /usr/local/cuda may be another toolkit's than this program's.
  const std::string own = "/usr/local/cuda-" + std::to_string(CUDA_VERSION / 1000) + "/lib64/";
  const std::vector<std::string> folders{"", "/usr/local/cuda/lib64/", own, "/usr/local/cuda/lib/",
                                         "/usr/local/nvidia/lib64/"};
  std::string reason;
  for (const std::string& folder : folders) {
    if (void* library = dlopen((folder + file).c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    if (reason.empty()) reason = dlerror();
  }
  return fail(reason);
}

}  // namespace rackproof::cuda
