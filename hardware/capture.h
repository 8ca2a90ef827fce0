// SPDX-License-Identifier: Apache-2.0
// A capture: all that another machine needs to see this one, as a folder of plain files. Written
// without touching a device; read back by every command that only reads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "hardware/inventory.h"

namespace rackproof {

inline constexpr const char* kCaptureSchema = "rackproof/capture/1";

/// capture.json: which files belong to a capture, and what could not be read.
struct CaptureManifest {
  struct File {
    std::string path;  ///< below the capture's folder, '/' between its parts
    std::string sha256;
    std::uint64_t size_bytes = 0;
  };
  struct Gap {
    std::string what, why;
  };
  std::string schema = kCaptureSchema, tool, captured;  ///< captured: UTC, ISO 8601
  std::string hostname, kernel, architecture;
  bool anonymous = false;  ///< serial numbers, MAC addresses and host names are replaced by hashes
  std::vector<File> files;
  std::vector<Gap> missing;
};
[[nodiscard]] Json to_json(const CaptureManifest& manifest);

struct CaptureOptions {
  std::filesystem::path root = "/";
  std::filesystem::path kmsg = "/dev/kmsg";
  std::string tool;  ///< "rackproof 0.1.0"
  bool anonymous = false;
};

/// Writes into `folder`, which must not exist or be empty and which only its owner may enter;
/// capture.json last, so that a folder without it is no whole capture. What cannot be read is in
/// `missing`; what cannot be written is an Error.
[[nodiscard]] Expected<CaptureManifest> write_capture(const std::filesystem::path& folder,
                                                      const CaptureOptions& options);

/// What another machine left behind, ready for read_inventory and read_dmesg.
struct Capture {
  InventorySources sources;          ///< never this machine's own
  std::filesystem::path kernel_log;  ///< empty: none
  std::string what;                  ///< "capture of node7 (x86_64), 2026-11-21T11:40:02Z"
  std::vector<std::string> notes;    ///< what must be said about it
};

/// Opens a capture, whose every file must be as capture.json says; or a folder or single file of
/// what others have at hand: an hwloc XML, `lspci -xxxx`, `lspci -vvv`, a kernel log. Recognised by
/// content. An Error names the file and what would be right.
[[nodiscard]] Expected<Capture> open_capture(const std::filesystem::path& path);

}  // namespace rackproof
