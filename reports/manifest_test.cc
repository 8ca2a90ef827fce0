// SPDX-License-Identifier: Apache-2.0
#include "reports/manifest.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "core/folder_for_test.h"
#include "core/json.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kHello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

void put(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  ASSERT_TRUE(write_file(path, bytes));
}

std::string refusal(const std::string& text) {
  const auto manifest = parse_manifest(text, "SHA256SUMS");
  return manifest ? "accepted" : manifest.error().text();
}

std::vector<std::string> differences(const fs::path& folder,
                                     const std::vector<FileDigest>& manifest) {
  std::vector<std::string> texts;
  for (const Error& error : compare_files(folder, manifest)) texts.push_back(error.text());
  return texts;
}

TEST(Manifest, ListsEveryFileSortedAndNotItself) {
  const TestFolder folder;
  put(folder / "b", "hello");
  put(folder / "a/z.csv", "hello");
  put(folder / "SHA256SUMS", "old");
  put(folder / "attestations.intoto.jsonl", "old");
  const auto manifest = make_manifest(folder.path());
  ASSERT_TRUE(manifest);
  EXPECT_EQ(to_text(*manifest), std::string(kHello) + "  a/z.csv\n" + kHello + "  b\n");
  EXPECT_EQ(parse_manifest(to_text(*manifest)).value(), *manifest);
  EXPECT_THAT(differences(folder.path(), *manifest), IsEmpty());
}

TEST(Manifest, NamesChangedMissingAndExtraFiles) {
  const TestFolder folder;
  for (const char* name : {"a", "b", "c"}) put(folder / name, name);
  const auto manifest = make_manifest(folder.path()).value();
  put(folder / "a", "A");
  fs::remove(folder / "b");
  put(folder / "d/e", "new");
  EXPECT_THAT(differences(folder.path(), manifest),
              ElementsAre("a: changed", "b: missing", "d/e: extra: not in the manifest"));
}

TEST(Manifest, RefusesLinksEvenToTheRightBytes) {
  const TestFolder folder, elsewhere;
  put(folder / "a", "hello");
  const auto manifest = make_manifest(folder.path()).value();
  fs::rename(folder / "a", elsewhere / "a");
  fs::create_symlink(elsewhere / "a", folder / "a");
  EXPECT_THAT(differences(folder.path(), manifest),
              ElementsAre("a: not a plain file (a link or a device)", "a: missing"));
  EXPECT_FALSE(make_manifest(folder.path()));
}

TEST(Manifest, RefusesPipesAndLinkedFolders) {
  const TestFolder folder, elsewhere;
  put(folder / "a", "hello");
  put(elsewhere / "b", "hello");
  const auto manifest = make_manifest(folder.path()).value();
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  fs::create_directory_symlink(elsewhere.path(), folder / "more");
  EXPECT_EQ(differences(folder.path(), manifest).size(), 2u);
}

TEST(Manifest, RefusesNamesThatMislead) {
  const TestFolder folder;
  put(folder / "a\nb", "hello");
  const auto manifest = make_manifest(folder.path());
  ASSERT_FALSE(manifest);
  EXPECT_THAT(manifest.error().message, HasSubstr("letters, digits"));
}

TEST(Manifest, RefusesPathTricksByLine) {
  const std::string digest = std::string(kHello) + "  ";
  const std::pair<std::string, const char*> bad[] = {{"/etc/passwd", "an absolute path"},
                                                     {"../a", "leaves the folder"},
                                                     {"a/../../b", "leaves the folder"},
                                                     {"./a", "'.' part"},
                                                     {"a//b", "'.' part"},
                                                     {"a/", "'.' part"},
                                                     {"a b", "letters, digits"},
                                                     {"a\\nb", "letters, digits"},
                                                     {"SHA256SUMS", "cannot stand"},
                                                     {"attestations.intoto.jsonl", "cannot stand"}};
  for (const auto& [path, why] : bad) {
    EXPECT_THAT(refusal(digest + path + "\n"), HasSubstr(why)) << path;
    EXPECT_THAT(refusal(digest + path + "\n"), HasSubstr("SHA256SUMS:1: ")) << path;
  }
}

TEST(Manifest, RefusesLinesThatAreNotStrict) {
  const std::string good = std::string(kHello) + "  a\n";
  EXPECT_EQ(refusal(good), "accepted");
  EXPECT_THAT(refusal(good + good), HasSubstr("SHA256SUMS:2: a path twice: a"));
  EXPECT_THAT(refusal(std::string(kHello) + "  b\n" + good), HasSubstr("paths not sorted"));
  EXPECT_THAT(refusal(good.substr(0, good.size() - 1)), HasSubstr("truncated"));
  EXPECT_THAT(refusal(""), HasSubstr("an empty manifest"));
  EXPECT_THAT(refusal(std::string(kHello) + " *a\n"), HasSubstr("two spaces"));
  EXPECT_THAT(refusal(good.substr(2)), HasSubstr("two spaces"));
  EXPECT_THAT(refusal("2CF" + good.substr(3)), HasSubstr("lower-case"));
  EXPECT_THAT(refusal(good + "\n"), HasSubstr("SHA256SUMS:2:"));
}

}  // namespace
}  // namespace rackproof
