// SPDX-License-Identifier: Apache-2.0
// YAML into a Document, strictly: what a lenient reader lets through is refused.
#pragma once

#include <cstddef>
#include <string>

#include "profiles/document.h"

namespace rackproof {

inline constexpr std::size_t kMaxYamlBytes = 1 << 20;
inline constexpr std::size_t kMaxYamlDepth = 16;
inline constexpr std::size_t kMaxScalarBytes = 1000;  ///< std::regex recurses once a character

/// Reads one YAML document whose top is a map. Refuses duplicate keys (each reported), anchors,
/// aliases, tags, tabs and other control characters, invalid UTF-8, several documents, nesting
/// deeper than kMaxYamlDepth, texts over kMaxScalarBytes and files over kMaxYamlBytes.
[[nodiscard]] ExpectedAll<Document> read_yaml(const std::string& text, const std::string& file);

}  // namespace rackproof
