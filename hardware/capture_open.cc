// SPDX-License-Identifier: Apache-2.0
// Finds out what a path holds and makes it ready for the readers; nothing of this machine is mixed
// in.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "hardware/capture.h"
#include "hardware/capture_kind.h"
#include "hardware/capture_manifest.h"
#include "hardware/utf8_line.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostManifestBytes = 64u << 20;
constexpr std::size_t kBeginning = 256u << 10;
constexpr std::size_t kMostLooseFiles = 256;
constexpr const char* kAccepted =
    "a folder of `rackproof capture`, an hwloc XML (`lstopo --of xml`), `lspci -xxxx`, "
    "`lspci -vvv` or `dmesg` output";

tl::unexpected<Error> wrong(std::string message, const fs::path& file) {
  return tl::unexpected(Error{std::move(message), file.string()});
}

Expected<std::string> beginning_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes(kBeginning, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (in.bad() || (!in && !in.eof()))
    return wrong("cannot read: " + std::string(std::strerror(errno)), file);
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

// The place that a kind of file has among the readers' sources; null: none.
fs::path* place_of(CaptureKind kind, Capture& capture) {
  switch (kind) {
    case CaptureKind::hwloc_xml:
      return &capture.sources.hwloc_xml;
    case CaptureKind::pci_dump:
      return &capture.sources.pci_dump;
    case CaptureKind::lspci_text:
      return &capture.sources.lspci_text;
    case CaptureKind::kernel_log:
      return &capture.kernel_log;
    case CaptureKind::manifest:
    case CaptureKind::unknown:
      break;
  }
  return nullptr;
}

Capture nothing_yet() {
  Capture capture;
  capture.sources.root.clear();
  return capture;
}

bool is_file(const fs::path& path) {
  std::error_code code;
  return fs::is_regular_file(path, code);
}
bool is_folder(const fs::path& path) {
  std::error_code code;
  return fs::is_directory(path, code);
}

std::string title(const CaptureManifest& m) {
  return fmt::format("capture of {} ({}, kernel {}), {}, by {}{}",
                     m.hostname.empty() ? "a host without a name" : utf8_line(m.hostname),
                     utf8_line(m.architecture), utf8_line(m.kernel), utf8_line(m.captured),
                     utf8_line(m.tool), m.anonymous ? ", anonymous" : "");
}

void note_gaps(const CaptureManifest& manifest, std::vector<std::string>& notes) {
  constexpr std::size_t kMostNotes = 20;
  for (std::size_t i = 0; i < std::min(manifest.missing.size(), kMostNotes); ++i) {
    notes.push_back(fmt::format("capture: not captured: {}: {}",
                                utf8_line(manifest.missing[i].what),
                                utf8_line(manifest.missing[i].why)));
  }
  if (manifest.missing.size() > kMostNotes) {
    notes.push_back(fmt::format("capture: {} more could not be captured: capture.json lists them",
                                manifest.missing.size() - kMostNotes));
  }
}

Expected<Capture> open_whole(const fs::path& folder) {
  const fs::path file = folder / "capture.json";
  if (!is_file(file) || fs::is_symlink(file)) return wrong("is no plain file", file);
  const auto text = read_file(file, kMostManifestBytes);
  if (!text) return tl::unexpected(text.error());
  const auto manifest = parse_capture_manifest(*text, file.string());
  if (!manifest) return tl::unexpected(manifest.error());
  if (auto good = check_files(*manifest, folder); !good) return tl::unexpected(good.error());
  Capture capture = nothing_yet();
  const auto place = [&](fs::path& source, const char* name) {
    if (fs::exists(folder / name)) source = folder / name;
  };
  place(capture.sources.root, "root");
  place(capture.sources.hwloc_xml, "topology.xml");
  place(capture.sources.pci_dump, "pci.txt");
  place(capture.kernel_log, "kernel.log");
  capture.what = title(*manifest);
  note_gaps(*manifest, capture.notes);
  return capture;
}

// Empty: it has its place now, or is none of ours; otherwise what is wrong.
Expected<bool> add_loose(const fs::path& file, Capture& capture) {
  const auto beginning = beginning_of(file);
  if (!beginning) return tl::unexpected(beginning.error());
  const CaptureKind kind = kind_of(*beginning);
  fs::path* place = place_of(kind, capture);
  if (place == nullptr) return false;
  if (!place->empty()) {
    return wrong(fmt::format("is {}, and so is {}: keep one", describe(kind), place->string()),
                 file);
  }
  *place = file;
  return true;
}

Expected<std::vector<fs::path>> loose_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    if (entry->is_regular_file(code) && !entry->is_symlink(code)) files.push_back(entry->path());
    if (files.size() > kMostLooseFiles) {
      return wrong(fmt::format("holds more than {} files: {} is read", kMostLooseFiles, kAccepted),
                   folder);
    }
  }
  if (code) return wrong("cannot be listed: " + code.message(), folder);
  std::ranges::sort(files);
  return files;
}

// A copy of a machine's root, as our own captures have; a link could lead to this machine.
bool is_root(const fs::path& folder) {
  std::error_code code;
  if (fs::is_symlink(folder, code) || !is_folder(folder)) return false;
  return is_folder(folder / "sys") || is_folder(folder / "proc");
}

Expected<void> refuse_links(const fs::path& root) {
  std::error_code code;
  std::size_t seen = 0;
  for (fs::recursive_directory_iterator entry(root, code), end; !code && entry != end;
       entry.increment(code)) {
    if (fs::is_symlink(entry->symlink_status(code))) {
      return wrong("is a link, which could lead to this machine's own files", entry->path());
    }
    if (++seen > 4 * kMostCaptureFiles || entry.depth() > 32) {
      return wrong("holds more or deeper folders than any capture", root);
    }
  }
  if (code) return wrong("cannot be listed: " + code.message(), root);
  return {};
}

Expected<Capture> open_loose(const fs::path& folder) {
  const auto files = loose_files(folder);
  if (!files) return tl::unexpected(files.error());
  Capture capture = nothing_yet();
  bool any = false;
  for (const fs::path& file : *files) {
    const auto added = add_loose(file, capture);
    if (!added) return tl::unexpected(added.error());
    if (!*added) capture.notes.push_back("capture: passed over " + file.string());
    any = any || *added;
  }
  if (is_root(folder / "root")) {
    if (auto good = refuse_links(folder / "root"); !good) return tl::unexpected(good.error());
    capture.sources.root = folder / "root";
    any = true;
  }
  if (!any)
    return wrong(fmt::format("holds nothing that can be read: {} would be", kAccepted), folder);
  // A dump has the registers; its text adds nothing to them.
  if (!capture.sources.pci_dump.empty() && !capture.sources.lspci_text.empty()) {
    capture.notes.push_back("capture: passed over " + capture.sources.lspci_text.string());
    capture.sources.lspci_text.clear();
  }
  capture.what = "files in " + folder.string();
  capture.notes.emplace_back(
      "capture: no capture.json: nothing shows that these files are whole and of one machine");
  return capture;
}

Expected<Capture> open_file(const fs::path& file) {
  Capture capture = nothing_yet();
  const auto beginning = beginning_of(file);
  if (!beginning) return tl::unexpected(beginning.error());
  if (beginning->empty()) return wrong(fmt::format("is empty: {} would be read", kAccepted), file);
  const CaptureKind kind = kind_of(*beginning);
  if (kind == CaptureKind::manifest) return open_whole(file.parent_path());
  fs::path* place = place_of(kind, capture);
  if (place == nullptr) {
    return wrong(fmt::format("is nothing that can be read: {} would be", kAccepted), file);
  }
  *place = file;
  capture.what = fmt::format("{} ({})", file.string(), describe(kind));
  return capture;
}

}  // namespace

Expected<Capture> open_capture(const fs::path& path) {
  std::error_code code;
  const auto status = fs::status(path, code);
  if (status.type() == fs::file_type::not_found) return wrong("is not there", path);
  if (!fs::status_known(status)) return wrong("cannot read: " + code.message(), path);
  if (fs::is_regular_file(status)) return open_file(path);
  if (!fs::is_directory(status)) {
    return wrong(fmt::format("is neither a file nor a folder: {} would be read", kAccepted), path);
  }
  const bool whole = fs::exists(fs::symlink_status(path / "capture.json", code));
  return whole ? open_whole(path) : open_loose(path);
}

}  // namespace rackproof
