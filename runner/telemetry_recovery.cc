// SPDX-License-Identifier: Apache-2.0
#include "runner/telemetry_recovery.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "core/journal.h"
#include "core/json.h"
#include "runner/telemetry_segment.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostText = 256u << 20;
constexpr int kLargestWindowLog = 27;
constexpr std::string_view kBegun = ".new";  // a recovery that was itself cut off

tl::unexpected<Error> refuse(const fs::path& path, std::string why) {
  return tl::unexpected(Error{std::move(why), path.string()});
}

struct Decoded {
  std::string text;
  bool whole = false;  // to the end of its frame
};

// As far as it goes: what follows a broken place is lost.
Decoded decode(std::string_view bytes) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        ZSTD_freeDCtx);
  if (!context) return {};
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kLargestWindowLog);
  Decoded decoded;
  char buffer[65536];
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  while (decoded.text.size() < kMostText) {
    ZSTD_outBuffer out{buffer, sizeof buffer, 0};
    const std::size_t left = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(left) != 0) break;
    decoded.text.append(buffer, out.pos);
    decoded.whole = left == 0;
    if (decoded.whole || (in.pos == in.size && out.pos < out.size)) break;
  }
  return decoded;
}

std::vector<std::string_view> whole_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

// The run time that every line begins with.
std::optional<double> time_of(std::string_view line) {
  double at_s = 0;
  const auto read = std::from_chars(line.data(), line.data() + line.size(), at_s);
  if (read.ec != std::errc{} || !(at_s >= 0)) return std::nullopt;
  return at_s;
}

bool is_ours(const std::string& name) {
  const bool readings = name.ends_with(".csv.zst"), kernel = name.ends_with(".log.zst");
  const std::string_view start = kernel ? "kernel-" : "";
  const std::string_view number =
      std::string_view(name).substr(std::min(start.size(), name.size()));
  return (readings || kernel) && name.starts_with(start) && number.size() > 8 &&
         std::ranges::all_of(number.substr(0, number.size() - 8),
                             [](char c) { return c >= '0' && c <= '9'; });
}

class Recovery {
 public:
  Recovery(const fs::path& bundle, const Evidence& evidence)
      : bundle_(bundle), evidence_(evidence) {}

  Expected<RecoveredSegments> run() {
    if (auto there = check_listed(); !there) return tl::unexpected(there.error());
    auto left = unlisted();
    if (!left) return tl::unexpected(left.error());
    for (const std::string& file : *left) {
      if (const auto done = recover(file); !done) return tl::unexpected(done.error());
    }
    return std::move(recovered_);
  }

 private:
  Expected<void> check_listed() const {
    for (const SegmentRecord& segment : evidence_.segments) {
      std::error_code problem;
      const auto size = fs::file_size(bundle_ / segment.file, problem);
      if (problem) return refuse(bundle_ / segment.file, "a segment that was recorded is missing");
      if (size != segment.size_bytes)
        return refuse(bundle_ / segment.file,
                      fmt::format("has {} bytes, {} were recorded", size, segment.size_bytes));
    }
    return {};
  }

  Expected<std::vector<std::string>> unlisted() const {
    std::vector<std::string> files;
    std::error_code none;
    fs::directory_iterator entries(bundle_ / "telemetry", none);
    if (none) return files;
    for (const auto& entry : entries) {
      const std::string name = entry.path().filename().string();
      const bool begun = name.ends_with(kBegun);
      const bool plain = fs::is_regular_file(entry.symlink_status());
      if (!plain || !is_ours(begun ? name.substr(0, name.size() - kBegun.size()) : name))
        return refuse(entry.path(), "is no segment of this run; remove it, then resume");
      if (begun) {
        fs::remove(entry.path());
      } else if (!listed("telemetry/" + name)) {
        files.push_back("telemetry/" + name);
      }
    }
    std::ranges::sort(files);
    return files;
  }

  [[nodiscard]] bool listed(const std::string& file) const {
    return std::ranges::count(evidence_.segments, file, &SegmentRecord::file) > 0;
  }

  Expected<void> recover(const std::string& file) {
    const auto bytes = read_file(bundle_ / file);
    if (!bytes) return tl::unexpected(bytes.error());
    const Decoded decoded = decode(*bytes);
    const auto kept = rewrite(file, whole_lines(decoded.text));
    if (!kept) fs::remove(bundle_ / file);
    sync_folder(bundle_ / "telemetry");
    const char* lost = decoded.whole ? "" : "; how many were lost is not known";
    recovered_.events.push_back(
        {.kind = "recovered",
         .severity = kept && decoded.whole ? "info" : "warning",
         .text = kept ? fmt::format("{} was open when the run was cut off: {} lines are kept{}",
                                    file, kept->rows, lost)
                      : fmt::format("{} was open when the run was cut off: removed, since none of "
                                    "its lines can be read{}",
                                    file, lost)});
    if (kept) recovered_.segments.push_back(*kept);
    return {};
  }

  // The same lines in a file that ends as it should; none: no line.
  [[nodiscard]] std::optional<SegmentRecord> rewrite(
      const std::string& file, const std::vector<std::string_view>& lines) const {
    const std::size_t heads = file.ends_with(".csv.zst") ? 1 : 0;
    const auto end =
        std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(std::min(heads, lines.size())),
                     lines.end(), [](auto line) { return !time_of(line); });
    const auto count = static_cast<std::size_t>(end - lines.begin());
    if (count <= heads) return std::nullopt;
    Segment again(bundle_, file + std::string(kBegun));
    for (std::size_t i = 0; i < count; ++i) {
      i < heads ? again.head(lines[i]) : again.row(lines[i], *time_of(lines[i]));
    }
    SegmentRecord record = again.close();
    record.file = file;
    fs::rename(bundle_ / (file + std::string(kBegun)), bundle_ / file);
    return record;
  }

  const fs::path& bundle_;
  const Evidence& evidence_;
  RecoveredSegments recovered_;
};

}  // namespace

Expected<RecoveredSegments> recover_segments(const fs::path& bundle, const Evidence& evidence) {
  try {
    return Recovery(bundle, evidence).run();
  } catch (const fs::filesystem_error& problem) {
    throw StorageError(problem.what());
  }
}

}  // namespace rackproof
