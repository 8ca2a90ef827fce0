// SPDX-License-Identifier: Apache-2.0
// `extends`: a profile built on another, merged into one document.
#pragma once

#include <filesystem>

#include "profiles/document.h"

namespace rackproof {

/// Every folder that RACKPROOF_PROFILES names can be read; else a profile of the same name from
/// elsewhere would stand in for the one that was meant.
[[nodiscard]] Expected<void> check_profile_folders();

/// The file of a profile's name: in `beside` first (when not empty), then in profile_folders().
/// Empty: there is none.
[[nodiscard]] std::filesystem::path find_profile(const std::string& name,
                                                 const std::filesystem::path& beside);

/// "no profile 'x' in a, b; did you mean 'y'?", with the folders that find_profile() looked in.
[[nodiscard]] std::string no_profile(const std::string& name, const std::filesystem::path& beside);

/// Reads the bytes, checks their shape, and does the same for all that they extend. Maps merge, all
/// else of the extending file replaces; name, revision, title and abstract are each file's own, and
/// `extends` is gone. Mistakes of shape in any of the files are appended to `errors`, without
/// keeping the document from being read on. Unreadable files, a base that is not there and a
/// circle of files leave no document.
[[nodiscard]] ExpectedAll<Document> read_chain(const std::string& yaml, const std::string& file,
                                               std::vector<Error>& errors);

}  // namespace rackproof
