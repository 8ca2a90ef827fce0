// SPDX-License-Identifier: Apache-2.0
// The bundle's telemetry files, read as a stream: nothing in them makes the page fail or grow.
#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "reports/page_html_fields.h"
#include "reports/page_html_plots.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostStored = 256u << 20;    // bytes of one file
constexpr std::uint64_t kMostUnpacked = 1ull << 30;  // what it may become
constexpr std::size_t kLongestLine = 4u << 20;
constexpr std::size_t kNotesShown = 20;

struct FreeStream {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

// "telemetry/0001.csv.zst" and nothing that leads elsewhere.
bool is_readings_file(const std::string& path) {
  constexpr std::string_view kFolder = "telemetry/", kEnd = ".csv.zst";
  if (!path.starts_with(kFolder) || !path.ends_with(kEnd)) return false;
  const auto digits = path.substr(kFolder.size(), path.size() - kFolder.size() - kEnd.size());
  return !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
}

// Hands whole lines on, across the pieces in which they come.
class Lines {
 public:
  explicit Lines(PlotReduction& into) : into_(into) {}

  Expected<void> take(std::string_view bytes) {
    for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
      rest_ += bytes.substr(0, end);
      bytes.remove_prefix(end + 1);
      const auto done = first_ ? into_.head(rest_) : into_.row(rest_);
      first_ = false;
      rest_.clear();
      if (!done) return done;
    }
    rest_ += bytes;
    if (rest_.size() > kLongestLine) return fail("a line is too long");
    return {};
  }

 private:
  PlotReduction& into_;
  std::string rest_;
  bool first_ = true;
};

Expected<void> unpack(std::string_view packed, PlotReduction& into) {
  const std::unique_ptr<ZSTD_DStream, FreeStream> stream(ZSTD_createDStream());
  std::string piece(ZSTD_DStreamOutSize(), '\0');
  Lines lines(into);
  std::uint64_t unpacked = 0;
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::size_t wanted = 1;
  bool full = false;
  while (in.pos < in.size || full) {
    ZSTD_outBuffer out{piece.data(), piece.size(), 0};
    wanted = ZSTD_decompressStream(stream.get(), &out, &in);
    if (ZSTD_isError(wanted) != 0) return fail(ZSTD_getErrorName(wanted));
    unpacked += out.pos;
    if (unpacked > kMostUnpacked) return fail("it unpacks to more than any segment holds");
    if (auto done = lines.take({piece.data(), out.pos}); !done) return done;
    full = out.pos == out.size;
  }
  if (wanted != 0) return fail("it is cut off");
  return {};
}

Expected<void> read_segment(const fs::path& file, const std::string& digest, PlotReduction& into) {
  const auto packed = read_file(file, kMostStored);
  if (!packed) return tl::unexpected(packed.error());
  if (!digest.empty() && hex(sha256(*packed)) != digest)
    return fail("it is not the one that the run recorded");
  return unpack(*packed, into);
}

struct Segment {
  std::string file, sha256;
};

std::vector<Segment> listed(const Json& report) {
  std::vector<Segment> all;
  for (const Json& row : rows(report, "segments")) {
    if (is_readings_file(text(row, "file")))
      all.push_back({text(row, "file"), text(row, "sha256")});
  }
  return all;
}

std::vector<Segment> lying_in(const fs::path& bundle) {
  std::vector<Segment> all;
  std::error_code none;
  for (fs::directory_iterator at(bundle / "telemetry", none), end; !none && at != end;
       at.increment(none)) {
    const std::string file = "telemetry/" + at->path().filename().string();
    if (is_readings_file(file)) all.push_back({file, {}});
  }
  std::sort(all.begin(), all.end(),
            [](const Segment& a, const Segment& b) { return a.file < b.file; });
  return all;
}

double duration_of(const Json& report) {
  double last = number(field(report, "run"), "duration_s").value_or(0);
  for (const Json& row : rows(report, "segments"))
    last = std::max(last, number(row, "end_s").value_or(0));
  return last;
}

void shorten(std::vector<std::string>& notes) {
  if (notes.size() <= kNotesShown) return;
  const std::size_t more = notes.size() - kNotesShown;
  notes.resize(kNotesShown);
  notes.push_back(fmt::format("and {} more files", more));
}

}  // namespace

PlotData read_plots(const fs::path& bundle, const Json& report) {
  const bool known = field(report, "segments").is_array();
  PlotReduction reduction(duration_of(report), rows(report, "sensors").size());
  std::vector<std::string> notes;
  for (const Segment& segment : known ? listed(report) : lying_in(bundle)) {
    const auto done = read_segment(bundle / segment.file, segment.sha256, reduction);
    if (!done) notes.push_back(segment.file + ": " + done.error().message);
  }
  PlotData data = reduction.take();
  shorten(notes);
  data.notes = std::move(notes);
  if (data.series.size() >= PlotReduction::kMostSeries)
    data.notes.push_back(fmt::format("only the first {} sensors are plotted", data.series.size()));
  return data;
}

}  // namespace rackproof
