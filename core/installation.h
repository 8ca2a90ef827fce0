// SPDX-License-Identifier: Apache-2.0
// Where this program lies, so that what came with it is found wherever the folder was put.
#pragma once

#include <filesystem>

namespace rackproof {

/// The folder that holds bin/ with this program, and share/ and lib/ beside it. Empty where it
/// cannot be told (no /proc).
[[nodiscard]] std::filesystem::path installation_folder();

/// `relative` below that folder when it is there, else empty.
[[nodiscard]] std::filesystem::path installed(const std::filesystem::path& relative);

}  // namespace rackproof
