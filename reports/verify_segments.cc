// SPDX-License-Identifier: Apache-2.0
// verify_bundle's look at telemetry/: each segment is the one that the journal names, and there is
// no other.
#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <set>

#include "reports/verify_steps.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolder = "telemetry/";
constexpr std::uint64_t kMostText = 256u << 20;  // of one segment
constexpr std::uint64_t kLongestLine = 4u << 20;
constexpr int kLargestWindowLog = 23;  // 8 MiB of memory, whatever the frame asks for

// "telemetry/" and a plain name.
bool is_segment_name(const std::string& file) {
  if (!file.starts_with(kFolder) || !file.ends_with(".zst")) return false;
  const std::string_view rest = std::string_view(file).substr(kFolder.size());
  return rest.front() != '.' && rest.find('/') == std::string_view::npos;
}

// Counts lines as they unpack, and keeps nothing.
class LineCount {
 public:
  explicit LineCount(std::uint64_t most) : most_(most) {}

  Expected<void> take(std::string_view text) {
    bytes_ += text.size();
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      ++lines_;
      line_ = 0;
      text.remove_prefix(end + 1);
    }
    line_ += text.size();
    if (lines_ > most_) return fail(fmt::format("holds more than the {} lines recorded", most_));
    if (bytes_ > kMostText || line_ > kLongestLine)
      return fail("unpacks to more than any segment holds");
    return {};
  }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  [[nodiscard]] bool torn() const { return line_ > 0; }

 private:
  std::uint64_t most_, lines_ = 0, bytes_ = 0, line_ = 0;
};

using Context = std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)>;

// One piece of the file; how much zstd still wants, 0 at a frame's end.
Expected<std::size_t> unpack(ZSTD_DCtx* context, std::string_view packed, LineCount& lines) {
  char text[65536];
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::size_t wanted = 1;
  for (bool full = true; in.pos < in.size || full;) {
    ZSTD_outBuffer out{text, sizeof text, 0};
    wanted = ZSTD_decompressStream(context, &out, &in);
    if (ZSTD_isError(wanted) != 0)
      return fail(fmt::format("cannot be unpacked: {}", ZSTD_getErrorName(wanted)));
    if (auto done = lines.take({text, out.pos}); !done) return tl::unexpected(done.error());
    full = out.pos == out.size;
  }
  return wanted;
}

Expected<std::uint64_t> count_lines(const fs::path& path, std::uint64_t most) {
  const Context context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (!context) return fail("cannot be unpacked: out of memory");
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kLargestWindowLog);
  LineCount lines(most);
  std::ifstream file(path, std::ios::binary);
  char packed[65536];
  std::size_t wanted = 1;
  while (file.read(packed, sizeof packed) || file.gcount() > 0) {
    const auto left =
        unpack(context.get(), {packed, static_cast<std::size_t>(file.gcount())}, lines);
    if (!left) return tl::unexpected(left.error());
    wanted = *left;
  }
  if (wanted != 0 || lines.torn()) return fail("is cut off");
  return lines.lines();
}

Expected<void> compare(const fs::path& folder, const SegmentRecord& segment,
                       const std::vector<FileDigest>& manifest) {
  const auto entry = std::ranges::find(manifest, segment.file, &FileDigest::path);
  if (entry == manifest.end()) return fail("is missing");
  if (hex(entry->digest) != segment.sha256) return fail("is not the one that was recorded");
  std::error_code problem;
  const auto size = fs::file_size(folder / segment.file, problem);
  if (problem || size != segment.size_bytes)
    return fail(fmt::format("has not the {} bytes recorded", segment.size_bytes));
  const std::uint64_t heads = segment.file.ends_with(".csv.zst") ? 1 : 0;
  if (segment.rows > kMostText) return fail("is recorded with more rows than any segment holds");
  const auto lines = count_lines(folder / segment.file, segment.rows + heads);
  if (!lines) return tl::unexpected(lines.error());
  if (*lines == segment.rows + heads) return {};
  return fail(fmt::format("holds {} lines, {} rows were recorded", *lines, segment.rows));
}

}  // namespace

Checked<void> check_segments(const fs::path& folder, const std::vector<FileDigest>& manifest,
                             const Evidence& evidence) {
  std::set<std::string> listed;
  for (const SegmentRecord& segment : evidence.segments) {
    if (!is_segment_name(segment.file) || !listed.insert(segment.file).second) {
      return refuse(VerifyOutcome::journal_broken,
                    fmt::format("the journal names a segment '{}' that cannot be", segment.file));
    }
    const auto same = compare(folder, segment, manifest);
    if (!same) {
      return refuse(VerifyOutcome::files_differ,
                    fmt::format("{}: {}", segment.file, same.error().message));
    }
  }
  for (const FileDigest& file : manifest) {
    if (file.path.starts_with(kFolder) && !listed.contains(file.path)) {
      return refuse(VerifyOutcome::files_differ, file.path + ": no segment that the journal names");
    }
  }
  return {};
}

}  // namespace rackproof
