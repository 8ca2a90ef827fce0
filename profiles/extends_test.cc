// SPDX-License-Identifier: Apache-2.0
#include "profiles/extends.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/folder_for_test.h"
#include "profiles/sample_profile.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

/// A folder of profiles of its own, gone with the test; looked up through the environment too.
class Extends : public testing::Test {
 protected:
  Extends() { setenv("RACKPROOF_PROFILES", folder_.path().c_str(), 1); }
  ~Extends() override { unsetenv("RACKPROOF_PROFILES"); }
  std::string write(const std::string& name, const std::string& yaml) const {
    return folder_.file(name + ".yaml", yaml).string();
  }
  [[nodiscard]] std::string at(const std::string& name) const {
    return (folder_ / (name + ".yaml")).string();
  }
  static std::string head(const std::string& name, const std::string& base) {
    return "schema: rackproof/profile/1\nname: " + name + "\nrevision: 7\n" +
           (base.empty() ? "" : "extends: " + base + "\n");
  }
  static std::vector<std::string> loading(const std::string& name) {
    std::vector<std::string> texts;
    const auto profile = load_profile(name);
    if (profile) return texts;
    for (const Error& error : profile.error()) texts.push_back(error.text());
    return texts;
  }

  TestFolder folder_;
};

TEST_F(Extends, MergesMapsAndReplacesLists) {
  write("base", sample_with(2, "name: base\nabstract: true\ntitle: of the base"));
  write("child", head("child", "base") + "hardware: {rack: {nodes: 4}}\n" +
                     "limits: {compute.gemm: [{metric: miscompares, equals: 0}]}\n");
  const auto profile = load_profile("child");
  ASSERT_TRUE(profile) << profile.error().front().text();
  EXPECT_EQ(profile->name, "child");
  EXPECT_EQ(profile->revision, 7u);
  EXPECT_EQ(profile->title, "");
  EXPECT_FALSE(profile->abstract);
  EXPECT_EQ(profile->nodes, 4u);
  EXPECT_EQ(profile->accelerators.at(0).kind, "synthetic");
  ASSERT_EQ(profile->limits.size(), 1u);
  EXPECT_EQ(profile->limits[0].metric, "miscompares");
  EXPECT_EQ(profile->stages.at(0).steps.size(), 2u);
}

TEST_F(Extends, KeepsTheLimitsOnWhatItDoesNotName) {
  write("base", sample_with(2, "name: base\nabstract: true"));
  write("child",
        head("child", "base") + "limits: {memory.march: [{metric: miscompares, equals: 0}]}\n");
  const auto profile = load_profile("child");
  ASSERT_TRUE(profile) << profile.error().front().text();
  ASSERT_EQ(profile->limits.size(), 2u);
  EXPECT_EQ(profile->limits[0].stressor, "compute.gemm");
  EXPECT_EQ(profile->limits[1].stressor, "memory.march");
}

TEST_F(Extends, PutsMistakesInTheFileThatHoldsThem) {
  write("base", sample_with(13, "      - {run: memory.march, on: synthetic, for: 60}"));
  write("child", head("child", "base") + "coverage: {cores: 200 %}\n");
  EXPECT_THAT(loading("child"),
              ElementsAre(at("base") + ":13:49: for: '60' lacks its unit: expected second, for "
                                       "example '60 s'",
                          at("child") + ":5:19: cores: '200 %' must be above 0 % and at most "
                                        "100 %"));
}

TEST_F(Extends, ShowsTheCircle) {
  write("a", head("a", "b"));
  write("b", head("b", "a"));
  const auto found = loading("a");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0], at("b") + ":4:10: extends: goes in a circle: " + at("a") + " -> " + at("b") +
                          " -> " + at("a"));
}

TEST_F(Extends, RefusesItself) {
  write("a", head("a", "a"));
  EXPECT_THAT(loading("a"), ElementsAre(HasSubstr("goes in a circle: " + at("a") + " -> ")));
}

TEST_F(Extends, NamesTheMissingBaseAndTheWayThere) {
  write("base", sample_with(2, "name: base"));
  write("a", head("a", "b"));
  write("b", head("b", "bas"));
  const auto found = loading("a");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0], testing::StartsWith(at("b") + ":4:10: extends: no profile 'bas' in "));
  EXPECT_THAT(found[0], HasSubstr("did you mean 'base'? (" + at("a") + " -> " + at("b") + ")"));
}

TEST_F(Extends, TakesNoPathForAName) {
  write("a", head("a", "../a"));
  EXPECT_THAT(loading("a").front(), HasSubstr(":4:10: extends: expected a name of letters"));
}

TEST_F(Extends, ResolvesToOneDocumentThatNeedsNoBase) {
  write("base", sample_with(2, "name: base\nabstract: true"));
  write("child", head("child", "base") + "coverage: {kernel_log: no gap}\n");
  const auto profile = load_profile("child");
  ASSERT_TRUE(profile);
  fs::remove(at("base"));
  const auto again = parse_profile(profile->resolved_yaml, "resolved.yaml");
  ASSERT_TRUE(again) << again.error().front().text();
  EXPECT_EQ(again->resolved_yaml, profile->resolved_yaml);
  EXPECT_THAT(profile->resolved_yaml, testing::Not(HasSubstr("extends")));
  EXPECT_TRUE(again->coverage.kernel_log);
  EXPECT_EQ(again->coverage.cores, 1.0);
}

TEST_F(Extends, FindsABaseBesideTheFileFirst) {
  fs::create_directory(folder_ / "sub");
  write("base", "broken: yes\n");
  write("sub/base", sample_with(2, "name: base"));
  const std::string file = write("sub/child", head("child", "base"));
  EXPECT_TRUE(load_profile(file));
}

TEST_F(Extends, LoadingByNameWantsTheFilesName) {
  write("other", sample_with(0, ""));
  EXPECT_THAT(loading("other"),
              ElementsAre(at("other") + ": name: is 'sample', but the file's name says 'other'"));
  EXPECT_THAT(loading("othr"), ElementsAre(HasSubstr("did you mean 'other'?")));
  EXPECT_THAT(loading(at("none")),
              ElementsAre(at("none") + ": cannot read: No such file or directory"));
}

TEST_F(Extends, ListsProfilesAndThoseThatCannotBeRead) {
  write("b", sample_with(2, "name: b\ntitle: The second"));
  write("a", head("a", "") + "abstract: true\n");
  write("broken", "a: [\n");
  const std::vector<ProfileSummary> all = list_profiles();
  ASSERT_GE(all.size(), 3u);
  const auto named = [&](const char* name) {
    return std::ranges::find(all, name, &ProfileSummary::name);
  };
  ASSERT_NE(named("a"), all.end());
  EXPECT_TRUE(named("a")->abstract);
  EXPECT_EQ(named("b")->title, "The second");
  ASSERT_NE(named("broken"), all.end());
  EXPECT_THAT(named("broken")->title, HasSubstr("cannot be read"));
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &ProfileSummary::name));
}

// Else a profile of the same name from elsewhere would stand in for the one that was meant.
TEST_F(Extends, RefusesAFolderThatCannotBeRead) {
  write("own", sample_with(0, "name: own"));
  setenv("RACKPROOF_PROFILES", (folder_.path().string() + ":/nowhere/profiles").c_str(), 1);
  EXPECT_THAT(loading("own"), ElementsAre("RACKPROOF_PROFILES: /nowhere/profiles: cannot read the "
                                          "folder: No such file or directory"));
}

TEST_F(Extends, SaysHowAFileIsNamed) {
  const fs::path here = fs::current_path();
  write("own", sample_with(0, "name: own"));
  fs::rename(at("own"), folder_ / "own.yml");
  fs::current_path(folder_.path());
  EXPECT_THAT(loading("own.yml"), ElementsAre(testing::EndsWith("; the file here is ./own.yml")));
  fs::current_path(here);
}

}  // namespace
}  // namespace rackproof
