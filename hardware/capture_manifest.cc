// SPDX-License-Identifier: Apache-2.0
#include "hardware/capture_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "core/hash.h"
#include "core/json_fields.h"
#include "hardware/utf8_line.h"

namespace rackproof {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CaptureManifest::File, path, sha256, size_bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CaptureManifest::Gap, what, why)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CaptureManifest, schema, tool, captured, hostname, kernel,
                                   architecture, anonymous, files, missing)

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFamily = "rackproof/capture/";
constexpr std::size_t kMostParts = 16;
constexpr std::size_t kLongestPart = 255;

tl::unexpected<Error> wrong(std::string message, const fs::path& file) {
  return tl::unexpected(Error{std::move(message), file.string()});
}

Expected<void> check_schema(const Json& json, const std::string& file) {
  if (!json.is_object() || !json.contains("schema") || !json.at("schema").is_string()) {
    return wrong(
        "not a capture: it lacks its schema, such as '" + std::string(kCaptureSchema) + "'", file);
  }
  const std::string schema = utf8_line(json.at("schema").get<std::string>());
  if (schema == kCaptureSchema) return {};
  if (!schema.starts_with(kFamily)) {
    return wrong(
        fmt::format("schema '{:.60}' is no capture's: '{}' would be", schema, kCaptureSchema),
        file);
  }
  const Json tool = json.contains("tool") ? json.at("tool") : Json();
  return wrong(
      fmt::format("schema '{:.60}', written by '{:.60}': this rackproof reads '{}'", schema,
                  tool.is_string() ? utf8_line(tool.get<std::string>()) : "unknown",
                  kCaptureSchema),
      file);
}

// nlohmann would turn -1, 1.5 and true into some size without a word.
Expected<void> check_sizes(const Json& json, const std::string& file) {
  if (!json.contains("files") || !json.at("files").is_array()) return {};
  for (const Json& entry : json.at("files")) {
    if (!entry.is_object() || !entry.contains("size_bytes")) continue;
    if (!entry.at("size_bytes").is_number_unsigned()) {
      return wrong("size_bytes of a file is no whole number from 0", file);
    }
  }
  return {};
}

Expected<void> check_list(const CaptureManifest& manifest, const std::string& file) {
  if (manifest.files.size() > kMostCaptureFiles) {
    return wrong(fmt::format("lists more than {} files", kMostCaptureFiles), file);
  }
  std::set<std::string> seen;
  std::uint64_t total = 0;
  for (const auto& f : manifest.files) {
    const std::string shown = utf8_line(f.path.substr(0, 200));
    if (!is_inside(f.path)) {
      return wrong(fmt::format("path '{}' could lead out of the capture", shown), file);
    }
    if (!seen.insert(f.path).second) return wrong(fmt::format("lists '{}' twice", shown), file);
    if (!parse_sha256(f.sha256)) {
      return wrong(fmt::format("sha256 of '{}' is not 64 lower-case hex digits", shown), file);
    }
    if (f.size_bytes > kMostCaptureFileBytes || (total += f.size_bytes) > kMostCaptureBytes) {
      return wrong(fmt::format("'{}' claims {} bytes: a file has at most {}, all have {}", shown,
                               f.size_bytes, kMostCaptureFileBytes, kMostCaptureBytes),
                   file);
    }
  }
  return {};
}

Expected<void> check_file(const CaptureManifest::File& listed, const fs::path& folder) {
  const fs::path file = folder / listed.path;
  std::error_code code;
  const auto status = fs::symlink_status(file, code);
  if (!fs::exists(status)) return wrong("is in capture.json, but not there", file);
  if (!fs::is_regular_file(status)) return wrong("is no plain file", file);
  const auto bytes = read_file(file, kMostCaptureFileBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  if (bytes->size() != listed.size_bytes) {
    return wrong(fmt::format("has {} bytes, capture.json says {}: it was changed or cut",
                             bytes->size(), listed.size_bytes),
                 file);
  }
  if (hex(sha256(*bytes)) == listed.sha256) return {};
  return wrong("is not the file that was captured: its SHA-256 differs from capture.json", file);
}

// Links are refused before they are followed: the iterator does not enter them.
Expected<void> check_no_others(const std::set<std::string>& listed, const fs::path& folder) {
  std::error_code code;
  std::size_t seen = 0;
  for (fs::recursive_directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    const std::string path = entry->path().lexically_relative(folder).generic_string();
    const auto status = entry->symlink_status(code);
    if (++seen > 4 * kMostCaptureFiles || entry.depth() > static_cast<int>(kMostParts)) {
      return wrong("holds more or deeper folders than any capture", folder);
    }
    if (fs::is_directory(status) || path == "capture.json") continue;
    if (fs::is_symlink(status))
      return wrong("is a link, which a capture never holds", entry->path());
    if (!listed.contains(path)) return wrong("is not in capture.json", entry->path());
  }
  if (code) return wrong("cannot be listed: " + code.message(), folder);
  return {};
}

}  // namespace

Json to_json(const CaptureManifest& manifest) {
  Json json;
  to_json(json, manifest);
  return json;
}

bool is_inside(const std::string& path) {
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '\\'; };
  if (path.empty() || std::ranges::any_of(path, control)) return false;
  std::size_t parts = 0;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string part = path.substr(start, end - start);
    if (part.empty() || part == "." || part == ".." || part.size() > kLongestPart) return false;
    if (++parts > kMostParts) return false;
    start = end + 1;
  }
  return true;
}

Expected<CaptureManifest> parse_capture_manifest(std::string_view text, const std::string& file) {
  const auto json = parse_json(text, file);
  if (!json) return tl::unexpected(json.error());
  if (auto good = check_schema(*json, file); !good) return tl::unexpected(good.error());
  if (auto good = check_sizes(*json, file); !good) return tl::unexpected(good.error());
  auto manifest = read_struct<CaptureManifest>(*json, "capture");
  if (!manifest) return wrong(manifest.error().message, file);
  if (auto good = check_list(*manifest, file); !good) return tl::unexpected(good.error());
  return manifest;
}

Expected<void> check_files(const CaptureManifest& manifest, const fs::path& folder) {
  std::set<std::string> listed;
  for (const auto& f : manifest.files) listed.insert(f.path);
  // First, so that no link is followed below.
  if (auto good = check_no_others(listed, folder); !good) return good;
  for (const auto& f : manifest.files) {
    if (auto good = check_file(f, folder); !good) return good;
  }
  return {};
}

}  // namespace rackproof
