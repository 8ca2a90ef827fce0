// SPDX-License-Identifier: Apache-2.0
#include "profiles/profile.h"

#include <algorithm>
#include <tuple>

#include "profiles/extends.h"
#include "profiles/lint.h"
#include "profiles/yaml_reader.h"
#include "profiles/yaml_writer.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

auto place(const Error& error) { return std::tie(error.file, error.line, error.column); }

tl::unexpected<std::vector<Error>> in_order(std::vector<Error> errors) {
  std::ranges::stable_sort(errors,
                           [](const auto& a, const auto& b) { return place(a) < place(b); });
  errors.erase(std::unique(errors.begin(), errors.end()), errors.end());
  return tl::unexpected(std::move(errors));
}

tl::unexpected<std::vector<Error>> only(Error error) {
  return tl::unexpected(std::vector{std::move(error)});
}

ExpectedAll<Profile> load_file(const fs::path& file) {
  const auto bytes = read_file(file, kMaxYamlBytes);
  if (!bytes) return only(bytes.error());
  return parse_profile(*bytes, file.string());
}

std::string file_meant(const std::string& name) {
  std::error_code ignored;
  return fs::is_regular_file(name, ignored) ? "; the file here is ./" + name : "";
}

}  // namespace

ExpectedAll<Profile> parse_profile(const std::string& yaml, const std::string& file) {
  std::vector<Error> errors;
  const auto document = read_chain(yaml, file, errors);
  if (!document) {
    std::ranges::copy(document.error(), std::back_inserter(errors));
    return in_order(std::move(errors));
  }
  Profile profile = read_profile(*document, errors);
  if (!errors.empty()) return in_order(std::move(errors));
  profile.resolved_yaml = write_yaml(document->json);
  return profile;
}

ExpectedAll<Profile> load_profile(const std::string& name_or_path) {
  const bool is_path =
      name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".yaml");
  if (const auto good = check_profile_folders(); !good) return only(good.error());
  if (is_path) return load_file(name_or_path);
  const fs::path file = find_profile(name_or_path, {});
  if (file.empty()) return only(Error{no_profile(name_or_path, {}) + file_meant(name_or_path)});
  auto profile = load_file(file);
  if (profile && profile->name != name_or_path) {
    return only(
        Error{"name: is '" + profile->name + "', but the file's name says '" + name_or_path + "'",
              file.string()});
  }
  return profile;
}

}  // namespace rackproof
