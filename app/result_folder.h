// SPDX-License-Identifier: Apache-2.0
// Where a command leaves its bundle: the folder that was asked for, or a scratch one of its own
// that goes with it.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace rackproof {

struct ResultFolder {
  /// `command` is part of the scratch folder's name. Throws std::runtime_error where there can be
  /// none.
  ResultFolder(const std::string& wanted, const std::string& command)
      : path(wanted), temporary(wanted.empty()) {
    if (!temporary) return;
    std::string pattern =
        (std::filesystem::temp_directory_path() / ("rackproof-" + command + "-XXXXXX")).string();
    if (mkdtemp(pattern.data()) == nullptr)
      throw std::runtime_error(
          pattern + ": cannot make a temporary folder: " + std::generic_category().message(errno) +
          "; name another with --out or TMPDIR");
    path = pattern;
  }
  ~ResultFolder() {
    std::error_code ignored;
    if (temporary) std::filesystem::remove_all(path, ignored);
  }
  ResultFolder(const ResultFolder&) = delete;
  ResultFolder& operator=(const ResultFolder&) = delete;
  std::filesystem::path path;
  bool temporary;
};

}  // namespace rackproof
