// SPDX-License-Identifier: Apache-2.0
// For tests that write files: a folder of their own, as a root folder for readers too. Tests run
// side by side in processes of their own, so a name that two of them share is a race.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace rackproof {

/// Gone with the test that made it.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "rackproof_test.XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary folder " << name;
    path_ = name;
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }
  /// Writes one file, in folders made for it, and returns its path.
  std::filesystem::path file(const std::string& name, const std::string& bytes) const {
    const auto whole = in_its_folder(name);
    std::ofstream(whole, std::ios::binary) << bytes;
    return whole;
  }
  void link(const std::string& name, const std::string& target) const {
    std::filesystem::create_symlink(target, in_its_folder(name));
  }
  void remove(const std::string& name) const { std::filesystem::remove_all(path_ / name); }

 private:
  [[nodiscard]] std::filesystem::path in_its_folder(const std::string& name) const {
    const auto whole = path_ / name;
    std::filesystem::create_directories(whole.parent_path());
    return whole;
  }
  std::filesystem::path path_;
};

}  // namespace rackproof
