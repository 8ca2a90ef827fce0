// SPDX-License-Identifier: Apache-2.0
#include "core/installation.h"

#include <gtest/gtest.h>

namespace rackproof {
namespace {

namespace fs = std::filesystem;

TEST(Installation, IsTheFolderAboveTheProgramsOwn) {
  const fs::path program = fs::canonical("/proc/self/exe");
  EXPECT_EQ(installation_folder(), program.parent_path().parent_path());
}

TEST(Installation, FindsOnlyWhatIsThere) {
  const fs::path program = fs::canonical("/proc/self/exe");
  const fs::path beside = program.parent_path().filename() / program.filename();
  EXPECT_EQ(installed(beside), program);
  EXPECT_EQ(installed("share/rackproof/no such file"), fs::path());
}

}  // namespace
}  // namespace rackproof
