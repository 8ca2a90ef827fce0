// SPDX-License-Identifier: Apache-2.0
// Writes a capture, its manifest last.
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "core/hash.h"
#include "core/units.h"
#include "hardware/capture.h"
#include "hardware/capture_anonymous.h"
#include "hardware/capture_kernel_log.h"
#include "hardware/capture_manifest.h"
#include "hardware/capture_pci.h"
#include "hardware/capture_tree.h"
#include "hardware/sensor.h"
#include "hardware/topology.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

Error cannot(const std::string& what, const fs::path& file) {
  return Error{fmt::format("cannot {}: {}", what, std::strerror(errno)), file.string()};
}

Expected<void> make_folder(const fs::path& folder) {
  std::error_code code;
  if (!fs::exists(fs::symlink_status(folder, code))) fs::create_directories(folder, code);
  if (code) return tl::unexpected(Error{"cannot make it: " + code.message(), folder.string()});
  if (!fs::is_directory(folder, code)) {
    return tl::unexpected(Error{"is no folder: a capture is written into one", folder.string()});
  }
  const bool empty = fs::is_empty(folder, code);
  if (code) return tl::unexpected(Error{"cannot be listed: " + code.message(), folder.string()});
  if (!empty) {
    return tl::unexpected(
        Error{"is not empty: a capture gets a folder of its own", folder.string()});
  }
  // The kernel's log may be for root's eyes only.
  fs::permissions(folder, fs::perms::owner_all, code);
  return {};
}

// Collects files and what is missing while a capture is written.
class Writer {
 public:
  Writer(const fs::path& folder, CaptureManifest& manifest)
      : folder_(folder), manifest_(manifest) {}

  Expected<void> add(const std::string& path, const std::string& bytes) {
    const fs::path file = folder_ / path;
    std::error_code code;
    fs::create_directories(file.parent_path(), code);
    if (code) return tl::unexpected(Error{"cannot make it: " + code.message(), file.parent_path()});
    std::ofstream out(file, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) return tl::unexpected(cannot("write", file));
    manifest_.files.push_back({path, hex(sha256(bytes)), bytes.size()});
    return {};
  }
  void missing(const std::string& what, const std::string& why) {
    manifest_.missing.push_back({what, why});
  }

  // On the disk before the manifest says that they are there.
  Expected<void> finish() {
    std::ranges::sort(manifest_.files, {}, &CaptureManifest::File::path);
    const int fd = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && ::syncfs(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!synced) return tl::unexpected(cannot("sync", folder_));
    const std::string json = to_json(manifest_).dump(2, ' ', false, Json::error_handler_t::replace);
    return write_file(folder_ / "capture.json", json + '\n');
  }

 private:
  fs::path folder_;
  CaptureManifest& manifest_;
};

const char* word(Reading::State state) {
  switch (state) {
    case Reading::State::value:
      return "value";
    case Reading::State::unsupported:
      return "unsupported";
    case Reading::State::error:
      break;
  }
  return "error";
}

Json json_of(const std::string& source, const Reading& r) {
  Json json{{"source", source},       {"sensor", r.sensor}, {"unit", name(r.unit)},
            {"state", word(r.state)}, {"detail", r.detail}, {"counter", r.counter}};
  if (r.state == Reading::State::value) json["value"] = r.value;
  return json;
}

std::string readings_text(const fs::path& root) {
  Json all = Json::array();
  auto sources = open_sensors(root);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    for (const Reading& reading : sources[i]->read()) {
      all.push_back(json_of(sources[i]->name(), reading));
    }
    auto found = sources[i]->found();
    std::move(found.begin(), found.end(), std::back_inserter(sources));
  }
  return all.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

// What each part needs to write itself.
struct Job {
  const CaptureOptions& options;
  const Inventory& inventory;
  std::optional<Anonymous> anonymous;
  Writer& writer;
  CaptureManifest& manifest;

  [[nodiscard]] std::string hidden(std::string bytes) const {
    return anonymous ? anonymous->text(std::move(bytes)) : std::move(bytes);
  }
};

Expected<void> add_topology(const Job& job) {
  if (job.options.root != "/") {
    job.writer.missing("topology.xml", job.options.root.string() + " is not this machine");
    return {};
  }
  auto xml = export_topology();
  if (!xml) {
    job.writer.missing("topology.xml", xml.error().text());
    return {};
  }
  return job.writer.add("topology.xml", job.anonymous ? job.anonymous->xml(*xml) : *xml);
}

Expected<void> add_pci(const Job& job) {
  const auto text = pci_text(job.options.root, job.options.anonymous, job.manifest.missing);
  if (!text) return tl::unexpected(text.error());
  return text->empty() ? Expected<void>{} : job.writer.add("pci.txt", *text);
}

Expected<void> add_kernel_log(const Job& job) {
  const auto records = read_ring(job.options.kmsg);
  if (!records) {
    job.writer.missing("kernel.log", records.error().text());
    return {};
  }
  std::string text;
  for (const KernelRecord& record : *records) text += dmesg_line(record);
  return job.writer.add("kernel.log", job.hidden(std::move(text)));
}

Expected<void> add_tree(const Job& job) {
  bool has_arch = false;
  const auto take = [&](const TreeFile& file) -> Expected<void> {
    has_arch = has_arch || file.path == "proc/sys/kernel/arch";
    const std::string bytes =
        job.anonymous ? job.anonymous->file(file.path, file.bytes) : file.bytes;
    return job.writer.add("root/" + file.path, bytes);
  };
  if (auto done = read_tree(job.options.root, take, job.manifest.missing); !done) return done;
  // Kernels before 6.1 have no such file; uname(2) told the inventory.
  if (has_arch || job.inventory.architecture.empty()) return {};
  return job.writer.add("root/proc/sys/kernel/arch", job.inventory.architecture + '\n');
}

Expected<void> add_all(const Job& job) {
  for (auto* add : {add_tree, add_topology, add_pci, add_kernel_log}) {
    if (auto done = add(job); !done) return done;
  }
  return job.writer.add("readings.json", job.hidden(readings_text(job.options.root)));
}

}  // namespace

Expected<CaptureManifest> write_capture(const fs::path& folder, const CaptureOptions& options) {
  const auto inventory = read_inventory({.root = options.root});
  if (!inventory) return tl::unexpected(inventory.error());
  if (auto made = make_folder(folder); !made) return tl::unexpected(made.error());
  CaptureManifest manifest;
  manifest.tool = options.tool;
  manifest.captured = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  manifest.anonymous = options.anonymous;
  manifest.hostname =
      options.anonymous ? Anonymous::name(inventory->hostname) : inventory->hostname;
  manifest.kernel = inventory->kernel;
  manifest.architecture = inventory->architecture;
  Writer writer(folder, manifest);
  const Job job{options, *inventory,
                options.anonymous ? std::optional<Anonymous>(*inventory) : std::nullopt, writer,
                manifest};
  if (auto done = add_all(job); !done) return tl::unexpected(done.error());
  if (auto done = writer.finish(); !done) return tl::unexpected(done.error());
  return manifest;
}

}  // namespace rackproof
