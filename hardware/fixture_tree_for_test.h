// SPDX-License-Identifier: Apache-2.0
// For tests: a folder that stands for a machine's root and is gone at the end of the test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace rackproof {

class FixtureTree {
 public:
  FixtureTree() : root_(testing::TempDir() + "rackproof_hardware_XXXXXX") {
    std::string name = root_.string();
    if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary folder " << name;
    root_ = name;
  }
  ~FixtureTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  FixtureTree(const FixtureTree&) = delete;
  FixtureTree& operator=(const FixtureTree&) = delete;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  /// Writes one file and returns its path.
  std::filesystem::path file(const std::string& path, const std::string& text) const {
    const auto whole = make_folder_of(path);
    std::ofstream(whole, std::ios::binary) << text;
    return whole;
  }
  void link(const std::string& path, const std::string& target) const {
    std::filesystem::create_symlink(target, make_folder_of(path));
  }
  void remove(const std::string& path) const { std::filesystem::remove_all(root_ / path); }

 private:
  [[nodiscard]] std::filesystem::path make_folder_of(const std::string& path) const {
    const auto whole = root_ / path;
    std::filesystem::create_directories(whole.parent_path());
    return whole;
  }
  std::filesystem::path root_;
};

}  // namespace rackproof
