// SPDX-License-Identifier: Apache-2.0
// A fuzzer's input as the file that a reader wants.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace rackproof {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// One file of this process, overwritten for each input.
inline std::filesystem::path file_for_fuzz(std::string_view bytes) {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("rackproof-fuzz." + std::to_string(::getpid()));
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  return path;
}

}  // namespace rackproof
