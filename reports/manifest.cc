// SPDX-License-Identifier: Apache-2.0
#include "reports/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace rackproof {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDigestDigits = 64;

bool plain_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._+=@:,-/").find(c) != std::string_view::npos;
}

// Empty when the path is harmless: relative, no "." or "..", nothing that a terminal, a shell or
// sha256sum's escaping would show differently from what it is.
std::string path_problem(std::string_view path) {
  if (path.empty()) return "an empty path";
  if (path.front() == '/') return "an absolute path";
  if (!std::ranges::all_of(path, plain_character)) {
    return "a path with characters other than letters, digits and ._+=@:,-/";
  }
  for (const fs::path& part : fs::path(path)) {
    if (part == "..") return "a path that leaves the folder by '..'";
    if (part == "." || part.empty()) return "a path with an empty or '.' part";
  }
  if (path.find("//") != std::string_view::npos) return "a path with an empty or '.' part";
  return {};
}

bool stands_outside(const std::string& path) {
  return path == kManifestName || path == kAttestationsName;
}

// Paths of everything below the folder but folders; problems are reported beside.
std::vector<std::string> list_files(const fs::path& folder, std::vector<Error>& problems) {
  std::vector<std::string> paths;
  std::error_code failed;
  fs::recursive_directory_iterator entries(folder, failed);
  for (const auto end = fs::recursive_directory_iterator(); !failed && entries != end;
       entries.increment(failed)) {
    const fs::file_status status = entries->symlink_status(failed);
    if (failed || fs::is_directory(status)) continue;
    const std::string path = entries->path().lexically_relative(folder).generic_string();
    const std::string bad_name = path_problem(path);
    if (!fs::is_regular_file(status)) {
      problems.push_back({"not a plain file (a link or a device)", path});
    } else if (!bad_name.empty()) {
      problems.push_back({"refused: " + bad_name, path});
    } else if (!stands_outside(path)) {
      paths.push_back(path);
    }
  }
  if (failed) problems.push_back({"cannot list: " + failed.message(), folder.string()});
  std::ranges::sort(paths);
  return paths;
}

Expected<FileDigest> parse_line(std::string_view line) {
  if (line.size() < kDigestDigits + 3 || line.substr(kDigestDigits, 2) != "  ") {
    return fail("not 'DIGEST  PATH' (64 hex digits, two spaces, a path)");
  }
  const auto digest = parse_sha256(line.substr(0, kDigestDigits));
  if (!digest) return tl::unexpected(digest.error());
  FileDigest entry{std::string(line.substr(kDigestDigits + 2)), *digest};
  const std::string problem = path_problem(entry.path);
  if (!problem.empty()) return fail(problem);
  if (stands_outside(entry.path)) return fail(entry.path + " cannot stand in the manifest");
  return entry;
}

}  // namespace

Expected<std::vector<FileDigest>> make_manifest(const fs::path& folder) {
  std::vector<Error> problems;
  std::vector<FileDigest> manifest;
  const std::vector<std::string> paths = list_files(folder, problems);
  if (!problems.empty()) return tl::unexpected(problems.front());
  for (const std::string& path : paths) {
    const auto digest = sha256_file(folder / path);
    if (!digest) return tl::unexpected(digest.error());
    manifest.push_back({path, *digest});
  }
  return manifest;
}

std::string to_text(const std::vector<FileDigest>& manifest) {
  std::string text;
  for (const FileDigest& entry : manifest) {
    text += fmt::format("{}  {}\n", hex(entry.digest), entry.path);
  }
  return text;
}

Expected<std::vector<FileDigest>> parse_manifest(std::string_view text, const std::string& file) {
  std::vector<FileDigest> manifest;
  for (int line = 1; !text.empty(); ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) {
      return tl::unexpected(Error{"the last line does not end: truncated", file, line});
    }
    const auto entry = parse_line(text.substr(0, end));
    if (!entry) return tl::unexpected(Error{entry.error().message, file, line});
    if (!manifest.empty() && entry->path <= manifest.back().path) {
      const char* why = entry->path == manifest.back().path ? "a path twice" : "paths not sorted";
      return tl::unexpected(Error{fmt::format("{}: {}", why, entry->path), file, line});
    }
    manifest.push_back(*entry);
    text.remove_prefix(end + 1);
  }
  if (manifest.empty()) return tl::unexpected(Error{"an empty manifest", file});
  return manifest;
}

std::vector<Error> compare_files(const fs::path& folder, const std::vector<FileDigest>& manifest) {
  std::vector<Error> problems;
  const std::vector<std::string> present = list_files(folder, problems);
  for (const FileDigest& entry : manifest) {
    if (!std::ranges::binary_search(present, entry.path)) {
      problems.push_back({"missing", entry.path});
      continue;
    }
    const auto digest = sha256_file(folder / entry.path);
    if (!digest) problems.push_back({digest.error().message, entry.path});
    if (digest && *digest != entry.digest) problems.push_back({"changed", entry.path});
  }
  for (const std::string& path : present) {
    if (!std::ranges::binary_search(manifest, path, {}, &FileDigest::path)) {
      problems.push_back({"extra: not in the manifest", path});
    }
  }
  return problems;
}

}  // namespace rackproof
