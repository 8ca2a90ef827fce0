// SPDX-License-Identifier: Apache-2.0
// What a run that was cut off left in bundle/telemetry: kept as far as it can be read, and said.
#pragma once

#include <filesystem>
#include <vector>

#include "core/evidence.h"

namespace rackproof {

struct RecoveredSegments {
  std::vector<SegmentRecord> segments;  ///< closed again, not yet in the journal
  std::vector<EventRecord> events;      ///< "recovered": what was kept and what is lost
};

/// Closes each segment that the journal does not name with the whole lines that it holds, or
/// removes it when there is none. An Error names a listed segment that is missing or has another
/// size, and a file that is none of ours. Throws StorageError.
[[nodiscard]] Expected<RecoveredSegments> recover_segments(const std::filesystem::path& bundle,
                                                           const Evidence& evidence);

}  // namespace rackproof
