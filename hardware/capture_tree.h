// SPDX-License-Identifier: Apache-2.0
// The files of /sys, /proc and /etc that inventory and sensors read, found below a root.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "core/error.h"
#include "hardware/capture.h"

namespace rackproof {

struct TreeFile {
  std::string path;  ///< below the root, as our readers ask for it
  std::string bytes;
};

/// Calls `take` with each file once. Links are read through where they stay in the kernel's own
/// folders; links whose target's name matters (driver, module) become files that hold that name.
/// `missing` gets what is there and cannot be read. Stops at the first Error of `take`.
[[nodiscard]] Expected<void> read_tree(const std::filesystem::path& root,
                                       const std::function<Expected<void>(const TreeFile&)>& take,
                                       std::vector<CaptureManifest::Gap>& missing);

}  // namespace rackproof
