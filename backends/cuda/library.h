// SPDX-License-Identifier: Apache-2.0
// Shared libraries of CUDA that are looked for at run time.
#pragma once

#include <dlfcn.h>

#include <string>

#include "core/error.h"

namespace rackproof::cuda {

/// Opens a library by its file's name: as the system looks for it, then where CUDA is usually
/// installed. It stays open. An Error has the reason.
[[nodiscard]] Expected<void*> open_library(const std::string& file);

/// False when the library has no such function.
template <class Function>
[[nodiscard]] bool find_function(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace rackproof::cuda
