// SPDX-License-Identifier: Apache-2.0
// Where profiles are found by name.
#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

#include "core/installation.h"
#include "profiles/extends.h"
#include "profiles/profile.h"
#include "profiles/yaml_reader.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> from_environment() {
  const char* const value = std::getenv("RACKPROOF_PROFILES");
  std::vector<fs::path> folders;
  std::istringstream parts(value == nullptr ? "" : value);
  for (std::string part; std::getline(parts, part, ':');) {
    if (!part.empty()) folders.emplace_back(part);
  }
  return folders;
}

std::vector<fs::path> yaml_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  return files;
}

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

ProfileSummary summary_of(const fs::path& file) {
  ProfileSummary summary{file.stem().string(), "cannot be read: see `rackproof profile check`",
                         file};
  const auto bytes = read_file(file, kMaxYamlBytes);
  if (!bytes) return summary;
  const auto document = read_yaml(*bytes, file.string());
  if (!document) return summary;
  summary.title = text_of(document->json, "title");
  summary.abstract = text_of(document->json, "abstract") == "true";
  return summary;
}

}  // namespace

std::vector<fs::path> profile_folders() {
  std::vector<fs::path> folders = from_environment();
  const fs::path beside = installation_folder();
  if (!beside.empty()) folders.push_back(beside / "share/rackproof/profiles");
#ifdef RACKPROOF_PROFILE_SOURCE
  folders.emplace_back(RACKPROOF_PROFILE_SOURCE);
#endif
  return folders;
}

Expected<void> check_profile_folders() {
  for (const fs::path& folder : from_environment()) {
    std::error_code problem;
    (void)fs::directory_iterator(folder, problem);
    if (problem) {
      return tl::unexpected(Error{"cannot read the folder: " + problem.message(),
                                  "RACKPROOF_PROFILES: " + folder.string()});
    }
  }
  return {};
}

std::vector<ProfileSummary> list_profiles() {
  std::vector<ProfileSummary> all;
  std::set<std::string> seen;
  for (const fs::path& folder : profile_folders()) {
    for (const fs::path& file : yaml_files(folder)) {
      if (seen.insert(file.stem().string()).second) all.push_back(summary_of(file));
    }
  }
  std::ranges::sort(all, {}, &ProfileSummary::name);
  return all;
}

}  // namespace rackproof
