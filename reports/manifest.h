// SPDX-License-Identifier: Apache-2.0
// SHA256SUMS: every file of a bundle with its digest, as `sha256sum -c` reads it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/hash.h"

namespace rackproof {

inline constexpr std::string_view kManifestName = "SHA256SUMS";
inline constexpr std::string_view kAttestationsName = "attestations.intoto.jsonl";

/// One file below the bundle's folder, by its path with '/' between the parts.
struct FileDigest {
  std::string path;
  Sha256 digest{};
  friend bool operator==(const FileDigest&, const FileDigest&) = default;
};

/// Digests of all files below `folder`, sorted by path, except the manifest and the attestations,
/// which come after it. Refuses links, devices, and names that could mislead a reader.
[[nodiscard]] Expected<std::vector<FileDigest>> make_manifest(const std::filesystem::path& folder);

/// "DIGEST  PATH\n" a line.
[[nodiscard]] std::string to_text(const std::vector<FileDigest>& manifest);

/// Strict: 64 lower-case digits, two spaces, a plain relative path, sorted and each once, and a
/// newline at the very end. `file` names the source in errors.
[[nodiscard]] Expected<std::vector<FileDigest>> parse_manifest(std::string_view text,
                                                               const std::string& file = {});

/// Every difference between the manifest and the folder: changed, missing, extra, not a plain file.
[[nodiscard]] std::vector<Error> compare_files(const std::filesystem::path& folder,
                                               const std::vector<FileDigest>& manifest);

}  // namespace rackproof
